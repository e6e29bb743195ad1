"""An examiner and a supervisor in two browsers: returned, corrected, disputed, amended, agreed, made void."""

from __future__ import annotations

import re
from io import BytesIO

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from exams.models import Exam, SignedReport
from exams.services.signing import signature_holds
from exams.steps import STEPS
from localization import SITES
from tests.browser.walk import Walker
from tests.web.reviewed import submitted_exam

ROOT = SITES["root_L5"].label
WHY_BACK = "Please grade the ankle again, against gravity."
DISSENT = "The hip speaks for the root."
WHY_AMENDED = "The toe was tested again."
WHY_VOID = "Recorded under the wrong patient."
STEP = next(step.slug for step in STEPS if "ankle_dorsiflexion" in step.finding_ids)


def version(exam: Exam, number: int) -> Exam:
    return Exam.objects.get(series=exam.series, version=number)


def go(walker: Walker, name: str, exam: Exam, *more: str) -> None:
    walker.page.goto(reverse(f"exams:{name}", args=[exam.pk, *more]))


def correct_and_sign(examiner: Walker, exam: Exam, token: str) -> None:
    """Change one grade of the open version, read it back and sign."""
    go(examiner, "step", exam, STEP)
    with examiner.saving():
        examiner.answer("ankle_dorsiflexion", "left", token)
    go(examiner, "check", exam)
    assert examiner.read_back("ankle_dorsiflexion")[0].startswith(token)
    examiner.sign("left")
    expect(examiner.page.get_by_role("link", name="Print or PDF")).to_be_visible()


def look(supervisor: Walker, exam: Exam) -> None:
    """Open an exam from the queue and write the own opinion first."""
    supervisor.page.goto(reverse("exams:reviews"))
    supervisor.page.get_by_role("link", name=f"Review {exam.patient}").click()
    supervisor.page.get_by_role("radio", name=ROOT, exact=True).check()
    supervisor.press("Record and open the rest")
    expect(supervisor.heading("Compare and decide")).to_be_visible()


def act(walker: Walker, exam: Exam, title: str, label: str, said: str, button: str) -> None:
    """Do one act on the page of the record, with its reason."""
    go(walker, "record", exam)
    walker.page.get_by_text(title, exact=True).click()
    walker.page.get_by_label(label).fill(said)
    walker.press(button)


def stamped(walker: Walker, exam: Exam, stamp: str) -> None:
    """Find the stamp on the screen and on each page of the paper."""
    go(walker, "report", exam)
    expect(walker.main().get_by_text(stamp).first).to_be_visible()
    got = walker.page.request.get(reverse("exams:report_pdf", args=[exam.pk]))
    assert all(stamp in page.extract_text() for page in PdfReader(BytesIO(got.body())).pages)


def test_an_exam_goes_back_and_forth_between_two_browsers(
    page: Page, page_no_js: Page, owner: User, supervisor: User
) -> None:
    first = submitted_exam(owner)
    theirs, ours = Walker(page_no_js, scripted=False), Walker(page, scripted=True)
    theirs.sign_in(supervisor)
    ours.sign_in(owner)

    look(theirs, first)
    theirs.page.get_by_label("What should the examiner look at again?").fill(WHY_BACK)
    theirs.press("Return with questions")
    second = version(first, 2)
    go(ours, "check", second)
    expect(ours.main().get_by_text(WHY_BACK)).to_be_visible()
    correct_and_sign(ours, second, "4")
    stamped(theirs, first, "SUPERSEDED by version 2")

    look(theirs, second)
    theirs.countersign(re.compile("^I do not agree"), site=ROOT, comment=DISSENT)
    expect(theirs.page.get_by_text("Countersigned.").first).to_be_visible()
    go(ours, "report", second)
    expect(ours.main().get_by_text(DISSENT).first).to_be_visible()
    expect(ours.main().get_by_text("Reviewed, disagrees:").first).to_be_visible()

    act(ours, second, "Amend this exam", "Why is it amended?", WHY_AMENDED, "Open the next version")
    third = version(first, 3)
    assert not third.signed_reports.exists()
    go(theirs, "record", third)
    expect(theirs.main().get_by_text(WHY_AMENDED)).to_be_visible()
    correct_and_sign(ours, third, "3")
    stamped(theirs, second, "SUPERSEDED by version 3")

    look(theirs, third)
    theirs.countersign(re.compile("^I agree"), comment="")
    expect(theirs.page.get_by_text("Countersigned.").first).to_be_visible()
    act(ours, third, "Make this exam void", "Why is it void?", WHY_VOID, "Make void")
    stamped(theirs, third, "VOID")
    expect(theirs.main().get_by_text(WHY_VOID).first).to_be_visible()
    assert SignedReport.objects.filter(exam__series=first.series).count() == 5
    assert all(signature_holds(one) for one in SignedReport.objects.all())
