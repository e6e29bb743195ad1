"""What was said after signing: on the screen and on pages of its own, never in what was signed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from exams.models import Exam, SignedReport
from exams.services.additions import added_after_signing
from exams.services.afterwards import add_later
from exams.services.questions import answer, ask, close
from exams.services.review import look_first, open_review, return_exam
from exams.services.signing import signature_holds
from tests import factories
from tests.web.reported import pages_of, squashed
from tests.web.reviewed import address, submitted_exam
from tests.web.signed import sign

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LEAD, LATER = "Added after signing", "The scan of Monday shows a cyst."


@pytest.fixture
def signed(owner: User) -> Exam:
    return submitted_exam(owner)


def paper(client: Client, exam: Exam, query: str = "") -> bytes:
    return client.get(address("report_pdf", exam) + query).content


def test_S03_an_addendum_prints_on_a_page_of_its_own_and_the_signed_paper_stays(
    owner: User, signed: Exam, sign_in: SignIn
) -> None:
    client, stored = sign_in(owner), SignedReport.objects.get()
    assert paper(client, signed) == bytes(stored.pdf)
    add_later(desk=factories.desk(owner), exam=signed, text=LATER)
    *before, last = pages_of(paper(client, signed))
    assert len(before) == len(pages_of(bytes(stored.pdf)))
    for said in (LEAD, LATER, "no signature covers it", "Added later: ", "Olive Owner"):
        assert squashed(said) in squashed(last)
    assert not any(squashed(LATER) in squashed(page) or LEAD in page for page in before)
    page = client.get(address("report", signed)).content.decode()
    article, _, after = page.partition("</article>")
    assert LATER in after
    assert LATER not in article
    kept = SignedReport.objects.get()
    assert (kept.hash, kept.document, bytes(kept.pdf)) == (stored.hash, stored.document, bytes(stored.pdf))
    assert signature_holds(kept)
    assert paper(client, signed, "?as=signed") == bytes(stored.pdf)


def test_questions_and_answers_print_after_the_report_of_each_version_they_were_asked_of(
    owner: User, supervisor: User, signed: Exam, sign_in: SignIn
) -> None:
    theirs, ours = factories.desk(supervisor), factories.desk(owner)
    open_review(desk=theirs, exam=signed)
    look_first(desk=theirs, exam=signed, site="", text="")
    asked = ask(desk=theirs, exam=signed, finding="ankle_dorsiflexion", side="left", text="Against gravity?")
    second = return_exam(desk=theirs, exam=signed, comment="Please say.")
    said = "Yes, against gravity."
    answer(desk=ours, exam=second, thread=asked.thread, category="as_recorded", text=said)
    sign(owner, second)
    untouched = SignedReport.objects.get(exam=second)
    close(desk=theirs, exam=second, thread=asked.thread)
    for exam in (signed, second):
        client = sign_in(owner)
        last = squashed(pages_of(paper(client, exam))[-1])
        for words in (LEAD, "Ankle dorsiflexion, patient's LEFT", "Against gravity?", said, "version 2"):
            assert squashed(words) in last
        assert "Against gravity?" in client.get(address("report", exam)).content.decode()
    assert untouched.document == SignedReport.objects.get(exam=second).document


def test_an_invalid_report_with_something_added_is_stamped_on_every_page(
    owner: User, signed: Exam, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_later(desk=factories.desk(owner), exam=signed, text=LATER)
    monkeypatch.setattr("exams.services.reports.signature_holds", lambda _: False)
    for query in ("", "?as=signed"):
        pages = pages_of(paper(sign_in(owner), signed, query))
        assert all("SIGNATURE INVALID" in page for page in pages)
        assert squashed(LATER) in squashed(pages[-1])


def test_a_draft_has_nothing_added(owner: User) -> None:
    exam = factories.exam(factories.desk(owner))
    assert added_after_signing(exam) == {}
