"""A supervisor countersigns or returns; the author, other clinics and people without the role cannot."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.audit import verify_chain
from clinics.models import AuditEvent, Clinic, Membership
from clinics.refusals import Refused
from exams.models import Decision, Exam, SignedReport
from exams.pdf import PdfBusy, PdfFailed
from exams.services import signing
from exams.services.afterwards import hand_over
from exams.services.exams import give_impression
from exams.services.review import countersign, open_review, return_exam
from exams.services.signing import WrongPassword, document_of, signature_holds
from tests import factories
from tests.plugins.flushing import unguarded
from tests.web.reported import FIBULAR, fibular_exam, pages_of, ready_to_sign, squashed
from tests.web.reviewed import address, looked_at, submitted_exam
from tests.web.signed import sign

SignIn = Callable[[User], Client]
AGREE = {"outcome": "agree", "site": "", "comment": "", "password": factories.PASSWORD}
DISAGREE = {
    "outcome": "disagree",
    "site": "sciatic",
    "comment": "The short head of biceps is weak.",
    "password": factories.PASSWORD,
}


@pytest.fixture
def submitted(owner: User) -> Exam:
    return submitted_exam(owner)


@pytest.fixture
def looked(submitted: Exam, supervisor: User) -> Exam:
    return looked_at(supervisor, submitted, "common_fibular", "Inversion is strong.")


def decide(by: User, exam: Exam, at: Clinic | None = None, **said: Any) -> SignedReport:
    given = {"agrees": True, "site": "", "comment": "", "password": factories.PASSWORD}
    return countersign(desk=factories.desk(by, at), exam=exam, **{**given, **said})


def is_untouched(exam: Exam) -> bool:
    exam.refresh_from_db()
    alone = exam.signed_reports.count() == 1 and not Decision.objects.filter(exam=exam).exists()
    return exam.state == Exam.State.SUBMITTED and alone


def test_agreeing_stores_a_second_signed_report_and_prints_it(
    looked: Exam, supervisor: User, sign_in: SignIn
) -> None:
    first = looked.signed_reports.get()
    response = sign_in(supervisor).post(address("review_decide", looked), AGREE)
    assert response.headers["Location"] == address("report", looked)
    looked.refresh_from_db()
    assert looked.state == Exam.State.COUNTERSIGNED
    signed = looked.signed_reports.get(meaning=SignedReport.Meaning.AGREED)
    assert (signed.signed_by, signed.role) == (supervisor, "supervisor")
    assert signature_holds(signed)
    assert document_of(signed)["conclusion"] == document_of(first)["conclusion"]
    paper = squashed(" ".join(pages_of(bytes(signed.pdf))))
    for words in ("Simon Supervisor", "Reviewed and agreed by", "Inversion is strong."):
        assert squashed(words) in paper
    assert looked.signed_reports.get(pk=first.pk).document == first.document


def test_a_disagreement_prints_with_the_supervisors_own_level(
    looked: Exam, supervisor: User, sign_in: SignIn
) -> None:
    sign_in(supervisor).post(address("review_decide", looked), DISAGREE)
    signed = looked.signed_reports.get(meaning=SignedReport.Meaning.DISAGREED)
    paper = squashed(" ".join(pages_of(bytes(signed.pdf))))
    for words in ("Sciatic nerve", "The short head of biceps is weak.", "Reviewed, disagrees"):
        assert squashed(words) in paper
    decision = Decision.objects.get(exam=looked)
    assert (decision.outcome, decision.site, decision.supervisor) == ("disagree", "sciatic", supervisor)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (AGREE | {"outcome": ""}, "Choose whether you agree"),
        (AGREE | {"outcome": "perhaps"}, "There is a problem"),
        (AGREE | {"password": ""}, "it is your signature"),
        (AGREE | {"password": "wrong"}, "The password is not right"),
        (DISAGREE | {"site": ""}, "Choose your own level"),
        (DISAGREE | {"site": "heart"}, "There is a problem"),
        (DISAGREE | {"comment": " "}, "Write why you do not agree"),
        (DISAGREE | {"comment": "a\x00b"}, "There is a problem"),
    ],
)
def test_an_incomplete_decision_is_refused_and_keeps_what_was_typed(
    looked: Exam, supervisor: User, sign_in: SignIn, said: dict[str, str], words: str
) -> None:
    response = sign_in(supervisor).post(address("review_decide", looked), said)
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert words in page
    assert factories.PASSWORD not in page
    assert is_untouched(looked)


def test_S05_nobody_decides_before_looking_at_the_findings_of_this_version(
    submitted: Exam, clinic: Clinic, supervisor: User, sign_in: SignIn
) -> None:
    response = sign_in(supervisor).post(address("review_decide", submitted), AGREE)
    assert response.status_code == 409
    assert "Record your own opinion first" in response.content.decode()
    Clinic.objects.filter(pk=clinic.pk).update(blind_look=False)
    with pytest.raises(Refused, match="Open the findings"):
        decide(supervisor, submitted)
    assert is_untouched(submitted)
    open_review(desk=factories.desk(supervisor), exam=submitted)
    decide(supervisor, submitted)
    submitted.refresh_from_db()
    assert submitted.state == Exam.State.COUNTERSIGNED


def test_Z10_the_author_cannot_review_the_own_exam(clinic: Clinic, sign_in: SignIn) -> None:
    author = factories.person(clinic, "supervisor", "Anton Author")
    exam = submitted_exam(author)
    client = sign_in(author)
    for response in (
        client.get(address("review_look", exam)),
        client.post(address("review_look", exam), {"site": "sciatic", "text": ""}),
        client.post(address("review_decide", exam), AGREE),
        client.post(address("review_return", exam), {"comment": "Again"}),
    ):
        assert response.status_code in {302, 403, 409}
    with pytest.raises(Refused, match="your own exam"):
        open_review(desk=factories.desk(author), exam=exam)
    with pytest.raises(Refused, match="your own exam"):
        decide(author, exam)
    with pytest.raises(Refused, match="your own exam"):
        return_exam(desk=factories.desk(author), exam=exam, comment="Again")
    assert is_untouched(exam)
    assert str(exam.pk) not in client.get("/reviews/").content.decode()


def test_Z10_who_examined_an_earlier_version_cannot_review_a_later_one(
    looked: Exam, owner: User, supervisor: User
) -> None:
    draft = return_exam(desk=factories.desk(supervisor), exam=looked, comment="Again")
    other = factories.person(looked.clinic, "examiner", "Ola Other")
    Exam.objects.filter(pk=draft.pk).update(state=Exam.State.SUBMITTED, examiner=other)
    Membership.objects.filter(user=owner).update(role="supervisor")
    with pytest.raises(Refused, match="your own exam"):
        open_review(desk=factories.desk(owner), exam=draft)


def test_Z10_who_recorded_an_answer_and_handed_the_draft_over_cannot_review_it(
    clinic: Clinic, owner: User
) -> None:
    began = factories.person(clinic, "supervisor", "Bea Began")
    desk = factories.desk(began)
    exam = ready_to_sign(desk, fibular_exam(desk))
    hand_over(desk=desk, exam=exam, to=owner, reason="My shift ends.")
    exam = Exam.objects.get(pk=exam.pk)
    give_impression(
        desk=factories.desk(owner), exam=exam, site="common_fibular", text="Weak.", answer_in_view=True
    )
    sign(owner, exam)
    with pytest.raises(Refused, match="your own exam"):
        open_review(desk=desk, exam=Exam.objects.get(pk=exam.pk))


def test_Z10_a_supervisor_of_another_clinic_finds_no_such_exam(
    looked: Exam, other_clinic: Clinic, sign_in: SignIn
) -> None:
    client = sign_in(factories.person(other_clinic, "supervisor", "Nora Neighbour"))
    posts = {"review_look": {"site": "brain"}, "review_decide": AGREE, "review_return": {"comment": "x"}}
    for name, said in posts.items():
        response = client.post(address(name, looked), said)
        assert response.status_code == 404
        assert b"Lindqvist" not in response.content
    for name in ("review", "review_look"):
        assert client.get(address(name, looked)).status_code == 404
    assert is_untouched(looked)


@pytest.mark.parametrize("role", ["examiner", "student", "clinic_admin", "auditor"])
def test_Z10_a_demoted_supervisor_cannot_review(
    looked: Exam, supervisor: User, sign_in: SignIn, role: str
) -> None:
    stale = factories.desk(supervisor)
    client = sign_in(supervisor)
    Membership.objects.filter(user=supervisor).update(role=role)
    assert client.post(address("review_decide", looked), AGREE).status_code == 403
    with pytest.raises(Refused, match="for supervisors"):
        countersign(desk=stale, exam=looked, agrees=True, site="", comment="", password=factories.PASSWORD)
    with pytest.raises(Refused, match="for supervisors"):
        return_exam(desk=stale, exam=looked, comment="Again")
    assert is_untouched(looked)


def test_Z10_a_supervisor_who_left_cannot_review(looked: Exam, supervisor: User) -> None:
    stale = factories.desk(supervisor)
    Membership.objects.filter(user=supervisor).update(is_active=False)
    with pytest.raises(Refused, match="for supervisors"):
        countersign(desk=stale, exam=looked, agrees=True, site="", comment="", password=factories.PASSWORD)
    assert is_untouched(looked)


def test_a_wrong_password_decides_nothing(looked: Exam, supervisor: User) -> None:
    with pytest.raises(WrongPassword):
        decide(supervisor, looked, password="not mine")
    assert is_untouched(looked)


def test_a_decision_is_taken_once(looked: Exam, supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    assert client.post(address("review_decide", looked), AGREE).status_code == 302
    for name, said in (("review_decide", DISAGREE), ("review_return", {"comment": "Again"})):
        assert client.post(address(name, looked), said).status_code == 409
    assert Decision.objects.get(exam=looked).outcome == "agree"
    assert looked.signed_reports.count() == 2
    assert Exam.objects.filter(series=looked.series).count() == 1


def test_a_report_that_was_altered_is_not_countersigned(
    looked: Exam, supervisor: User, sign_in: SignIn
) -> None:
    signed = looked.signed_reports.get()
    document = json.loads(signed.document)
    document["conclusion"]["headline"] = "Something else."
    with unguarded():
        SignedReport.objects.filter(pk=signed.pk).update(document=json.dumps(document))
    client = sign_in(supervisor)
    assert "Signature invalid" in client.get(address("review", looked)).content.decode()
    assert client.post(address("review_decide", looked), AGREE).status_code == 409
    assert is_untouched(looked)


@pytest.mark.parametrize("trouble", [PdfBusy, PdfFailed])
def test_when_the_report_cannot_be_printed_nothing_is_decided(
    looked: Exam,
    supervisor: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[Exception],
) -> None:
    def busy(*_args: object, **_kwargs: object) -> bytes:
        raise trouble

    monkeypatch.setattr(signing, "render_pdf", busy)
    response = sign_in(supervisor).post(address("review_decide", looked), AGREE)
    assert response.status_code == 422
    assert str(trouble()) in html.unescape(response.content.decode())
    assert is_untouched(looked)


def test_every_decision_is_in_a_trail_that_holds(looked: Exam, supervisor: User) -> None:
    decide(supervisor, looked)
    acts = AuditEvent.objects.filter(subject=looked.patient_id, user=supervisor).order_by("sequence")
    assert list(acts.values_list("act", flat=True)) == [
        "review.opened",
        "review.looked",
        "report.signed",
        "review.agree",
    ]
    assert verify_chain(looked.clinic) is None


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ({"comment": "Test the hip first."}, "leaves the level open. Test the hip first."),
        (
            {"agrees": False, "site": "sciatic", "comment": "Biceps is weak."},
            "does not agree that no single level is named. Supervisor's view: Sciatic nerve. Biceps is weak.",
        ),
    ],
)
def test_a_report_that_names_no_level_prints_no_answer_to_one(
    owner: User, supervisor: User, said: dict[str, Any], printed: str
) -> None:
    exam = submitted_exam(owner, **{**dict.fromkeys(FIBULAR), "back_pain": "no"})
    looked_at(supervisor, exam, site="")
    document = document_of(decide(supervisor, exam, **said))
    assert not document["conclusion"]["placed"]
    assert document["decision"]["text"] == f"Supervisor Simon Supervisor {printed}"
