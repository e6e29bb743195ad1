"""The caution about brain or cord stays until a supervisor closes it with a reason, and never goes."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.audit import values_of
from clinics.models import AuditEvent, Membership
from clinics.refusals import Refused
from exams.models import Exam, TripwireClosure
from exams.services.localizing import localize_exam
from exams.services.review import close_caution, countersign, return_exam
from exams.services.signing import document_of, signature_holds
from tests import factories
from tests.web.reported import pages_of, squashed
from tests.web.reviewed import address, looked_at, submitted_exam

SignIn = Callable[[User], Client]
REASON = "Brisk since childhood, both knees alike on my own look."
STILL_OPEN = "The caution about brain or spinal cord is still open"


@pytest.fixture
def submitted(owner: User) -> Exam:
    return submitted_exam(owner, knee_reflex=("brisk", "normal"))


@pytest.fixture
def looked(supervisor: User, submitted: Exam) -> Exam:
    return looked_at(supervisor, submitted)


def shown(client: Client, name: str, exam: Exam) -> str:
    return html.unescape(client.get(address(name, exam)).content.decode())


def close(client: Client, exam: Exam, reason: str = REASON) -> Any:
    return client.post(address("review_caution", exam), {"reason": reason})


def countersigned(supervisor: User, exam: Exam) -> Any:
    desk = factories.desk(supervisor)
    return countersign(desk=desk, exam=exam, agrees=True, site="", comment="", password=factories.PASSWORD)


def test_the_open_caution_stands_on_look_review_and_report(
    supervisor: User, submitted: Exam, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    caution = document_of(submitted.signed_reports.get())["tripwire"]
    assert caution["text"] in shown(client, "review_look", submitted)
    looked_at(supervisor, submitted)
    page = shown(client, "review", submitted)
    assert caution["text"] in page
    assert STILL_OPEN in page
    assert address("review_caution", submitted) in page
    assert caution["text"] in shown(client, "report", submitted)


def test_closed_it_is_a_quiet_line_with_name_time_and_reason_on_page_and_paper(
    owner: User, supervisor: User, looked: Exam, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    examined = looked.signed_reports.get()
    assert close(client, looked)["Location"] == address("review", looked)
    closure = TripwireClosure.objects.get()
    assert (closure.exam, closure.by, closure.reason) == (looked, supervisor, REASON)
    line = f"Closed by {supervisor.get_full_name()}, "
    page = shown(client, "review", looked)
    assert STILL_OPEN not in page
    assert address("review_caution", looked) not in page
    for content in (page, shown(client, "report", looked), shown(sign_in(owner), "report", looked)):
        assert line in content
        assert REASON in content
        assert 'class="caution-closed"' in content
        assert "Knee reflex" in content  # what raised it stays
    signed = countersigned(supervisor, looked)
    assert signature_holds(signed)
    document = document_of(signed)
    assert document["tripwire"]["closed"].startswith(line)
    assert document["tripwire"]["findings"] == ["knee_reflex"]
    paper = squashed("".join(pages_of(bytes(signed.pdf))))
    assert squashed(document["tripwire"]["closed"]) in paper
    assert squashed(document["tripwire"]["text"]) in paper
    examined.refresh_from_db()
    assert signature_holds(examined)
    assert "closed" not in document_of(examined)["tripwire"]


def test_left_open_it_does_not_stand_in_the_way_and_prints_as_open(supervisor: User, looked: Exam) -> None:
    document = document_of(countersigned(supervisor, looked))
    assert document["tripwire"]["text"]
    assert "closed" not in document["tripwire"]


def test_closing_is_one_event_and_the_same_press_twice_counts_once(
    supervisor: User, looked: Exam, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    assert [close(client, looked).status_code for _ in range(2)] == [302, 302]
    assert TripwireClosure.objects.count() == 1
    event = AuditEvent.objects.get(act="review.caution_closed")
    assert event.user == supervisor
    assert values_of(event) == {"exam": str(looked.pk), "reason": REASON}


def test_closing_the_caution_of_one_exam_leaves_that_of_every_other_open(
    owner: User, supervisor: User, looked: Exam, sign_in: SignIn
) -> None:
    other = looked_at(supervisor, submitted_exam(owner, knee_reflex=("brisk", "normal")))
    client = sign_in(supervisor)
    assert close(client, looked).status_code == 302
    page = shown(client, "review", other)
    assert STILL_OPEN in page
    assert 'class="caution-closed"' not in page
    assert "closed" not in document_of(countersigned(supervisor, other))["tripwire"]


def test_it_is_not_closed_without_the_role_or_after_the_decision(supervisor: User, looked: Exam) -> None:
    desk, seat = factories.desk(supervisor), Membership.objects.filter(user=supervisor)
    seat.update(role="examiner")
    with pytest.raises(Refused, match="Reviewing is for supervisors"):
        close_caution(desk=desk, exam=looked, reason=REASON)
    seat.update(role="supervisor")
    countersigned(supervisor, looked)
    with pytest.raises(Refused, match="This exam is countersigned"):
        close_caution(desk=desk, exam=looked, reason=REASON)
    assert not TripwireClosure.objects.exists()


def test_the_reason_given_first_stays(supervisor: User, looked: Exam, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    close(client, looked)
    assert close(client, looked, "Another reason.").status_code == 409
    assert TripwireClosure.objects.get().reason == REASON


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("  ", "Write why the caution can be closed. It stays open."),
        ("x" * 501, "Write the reason in at most 500 characters. The caution stays open."),
    ],
)
def test_without_a_reason_it_stays_open_and_says_so(
    supervisor: User, looked: Exam, sign_in: SignIn, reason: str, sentence: str
) -> None:
    answer = close(sign_in(supervisor), looked, reason)
    content = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert content.count(sentence) == 2  # in the list of errors and beside the field
    assert reason.strip() in content
    assert not TripwireClosure.objects.exists()
    with pytest.raises(Refused, match="stays open"):
        close_caution(desk=factories.desk(supervisor), exam=looked, reason=reason)


def test_only_a_supervisor_who_looked_and_took_no_part_closes_it(
    owner: User, colleague: User, stranger: User, supervisor: User, submitted: Exam, sign_in: SignIn
) -> None:
    for person, status in ((owner, 403), (colleague, 403), (stranger, 404)):
        assert close(sign_in(person), submitted).status_code in {status, 403}
    assert close(sign_in(supervisor), submitted).status_code == 409  # the own look comes first
    assert not TripwireClosure.objects.exists()
    assert not AuditEvent.objects.filter(act="review.caution_closed").exists()


def test_a_supervisor_does_not_close_the_caution_of_an_own_exam(supervisor: User, sign_in: SignIn) -> None:
    own = submitted_exam(supervisor, knee_reflex=("brisk", "normal"))
    assert close(sign_in(supervisor), own).status_code == 403
    assert not TripwireClosure.objects.exists()


def test_where_no_caution_was_raised_there_is_none_to_close(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    plain = looked_at(supervisor, submitted_exam(owner))
    client = sign_in(supervisor)
    assert address("review_caution", plain) not in shown(client, "review", plain)
    assert close(client, plain).status_code == 409
    assert not TripwireClosure.objects.exists()


def test_the_next_version_raises_the_caution_anew(supervisor: User, looked: Exam) -> None:
    desk = factories.desk(supervisor)
    close_caution(desk=desk, exam=looked, reason=REASON)
    draft = return_exam(desk=desk, exam=looked, comment="Test the knees again.")
    assert localize_exam(draft).tripwire is not None
    assert not TripwireClosure.objects.filter(exam=draft).exists()
