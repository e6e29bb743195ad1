"""Trouble on the way through an exam: leaving it, red flags, signed out, answered twice, wrong addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from exams.models import Exam
from exams.services.answers import Answer, save_step
from exams.sheet import sheet_of
from exams.steps import steps_for
from tests import factories
from tests.browser.screens import sign_in, step_path
from tests.browser.test_whole_exam import paper
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.plugins.browser import Console

DORSIFLEXION = ("ankle_dorsiflexion", "left")
KEPT = re.compile("^Sign in to go on. Your answer is kept")


@pytest.fixture
def exam(owner: User) -> Exam:
    """A core exam of a LEFT foot drop in which nothing is recorded yet."""
    return factories.exam(factories.desk(owner))


@pytest.fixture
def ankle(exam: Exam) -> str:
    return step_path(exam, "ankle-and-toes")


@pytest.fixture
def walker(page: Page, owner: User) -> Walker:
    """The exam's examiner, signed in, with JavaScript."""
    sign_in(page, owner)
    return Walker(page, scripted=True)


@pytest.fixture
def plain(page_no_js: Page, owner: User) -> Walker:
    """The same without JavaScript."""
    sign_in(page_no_js, owner)
    return Walker(page_no_js, scripted=False)


def second_tab(first: Walker, console: Console) -> Walker:
    """Open another tab of the same browser."""
    page = first.page.context.new_page()
    console.watch(page, re.sub(r"(://[^/]+).*", r"\1", first.page.url))
    return Walker(page, first.scripted)


def test_an_exam_resumes_at_the_step_where_it_was_left(walker: Walker, exam: Exam) -> None:
    walker.page.goto(step_path(exam, "red-flags"))
    walker.answer("cancer", "", "no")
    walker.go_on()
    expect(walker.heading("Onset and pain")).to_be_visible()
    with walker.saving():
        walker.answer("onset", "", "days")
    walker.leave_exam()
    walker.page.get_by_role("link", name="Home").click()
    walker.page.get_by_role(
        "link", name=re.compile("Lindqvist, Astrid.*Onset and pain", re.DOTALL)
    ).first.click()
    expect(walker.heading("Onset and pain")).to_be_visible()
    expect(walker.key("onset", "", "days")).to_be_checked()


# ---------------------------------------------------------------- red flags


def test_a_red_flag_stays_on_every_later_step_and_heads_the_report(walker: Walker, owner: User) -> None:
    at = factories.desk(owner)
    exam = factories.exam(at, protocol="full")
    left_out = [place for place in sheet_of(exam).places if place != ("saddle", "")]
    answers = [Answer(finding=name, side=side, not_tested=True, reason="not_done") for name, side in left_out]
    save_step(desk=at, exam=exam, answers=answers)
    page = walker.page
    page.goto(step_path(exam, "saddle"))
    flag = page.get_by_role("region", name="Red flag recorded: Saddle area reduced.")
    expect(flag).to_have_count(0)
    with walker.saving():
        walker.answer("saddle", "", "reduced")
    expect(flag).to_be_visible()
    steps = steps_for("full")
    for step in steps[[step.slug for step in steps].index("saddle") :]:
        if step.finding_ids:
            expect(walker.heading(step.title)).to_be_visible()
            expect(flag).to_be_visible()
            walker.go_on()
    expect(flag).to_be_visible()
    walker.give_impression("Cauda equina", "Both saddle and foot.")
    expect(flag).to_be_visible()
    walker.sign("left")
    text = walker.main().inner_text()
    assert text.index("Red flag recorded: Saddle area reduced.") < text.index("Conclusion")
    first = paper(walker)[0]
    assert first.index("Redflagrecorded:Saddleareareduced.") < first.index("Conclusion")


# ---------------------------------------------------------------- signed out


def test_A08_signed_out_while_answering_the_answer_stays_on_the_page_and_is_sent_after_signing_in(
    walker: Walker, owner: User, ankle: str, console: Console
) -> None:
    page = walker.page
    page.goto(ankle)
    Session.objects.all().delete()
    with page.expect_response(lambda got: got.url.endswith("/answers/")) as refused:
        walker.answer(*DORSIFLEXION, "2")
    assert refused.value.status == 401
    assert "password" not in refused.value.text()
    expect(page.get_by_role("banner").get_by_text(KEPT)).to_be_visible()
    expect(walker.key(*DORSIFLEXION, "2")).to_be_checked()
    expect(page.get_by_label("Email")).to_have_value(owner.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    with walker.saving():
        page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    console.expect("401")
    page.reload()
    expect(walker.key(*DORSIFLEXION, "2")).to_be_checked()


def test_A08_signed_out_without_javascript_the_whole_step_is_kept_and_can_be_sent_again(
    plain: Walker, owner: User, ankle: str, console: Console
) -> None:
    page = plain.page
    page.goto(ankle)
    plain.answer(*DORSIFLEXION, "2")
    Session.objects.all().delete()
    plain.go_on()
    expect(plain.heading("You were signed out before this was saved")).to_be_visible()
    expect(page.get_by_text("Ankle dorsiflexion left", exact=True)).to_be_visible()
    expect(page.get_by_text("revision")).to_have_count(0)
    console.expect("401")
    page.get_by_label("Email").fill(owner.email)
    page.get_by_label("Password").fill("wrong")
    plain.press("Sign in")
    expect(plain.heading("You were signed out before this was saved")).to_be_visible()
    expect(plain.main()).to_contain_text("The email address or the password is not right.")
    page.get_by_label("Password").fill(factories.PASSWORD)
    plain.press("Sign in")
    expect(plain.heading("You are signed in again")).to_be_visible()
    expect(page.get_by_text("Ankle dorsiflexion left", exact=True)).to_be_visible()
    plain.press("Send them again")
    expect(plain.heading("My impression")).to_be_visible()
    page.goto(ankle)
    expect(plain.key(*DORSIFLEXION, "2")).to_be_checked()


# ---------------------------------------------------------------- answered twice


def conflict(tab: Walker) -> Locator:
    return tab.answers(*DORSIFLEXION).get_by_role("alert")


def test_C02_a_stale_answer_shows_both_values_and_who_until_one_is_chosen(
    walker: Walker, ankle: str, console: Console, owner: User
) -> None:
    tab = second_tab(walker, console)
    for each in (walker, tab):
        each.page.goto(ankle)
    with walker.saving():
        walker.answer(*DORSIFLEXION, "2")
    tab.answer(*DORSIFLEXION, "4")
    when_and_who = rf"was changed elsewhere at \d\d:\d\d by {owner.get_full_name()}"
    expect(conflict(tab)).to_contain_text(re.compile(when_and_who))
    expect(conflict(tab)).to_contain_text("Yours, on this page: 4")
    expect(conflict(tab)).to_contain_text("Theirs, in the record: 2")
    expect(tab.page.get_by_role("banner")).to_contain_text("Not saved: choose which answer to keep")
    walker.page.reload()
    expect(walker.key(*DORSIFLEXION, "2")).to_be_checked()
    with tab.saving():
        conflict(tab).get_by_role("button", name="Keep mine: 4").click()
    walker.page.reload()
    expect(walker.key(*DORSIFLEXION, "4")).to_be_checked()
    console.expect("409")


def test_a_conflict_below_the_fold_comes_into_view_above_the_action_bar(
    walker: Walker, ankle: str, console: Console
) -> None:
    tab = second_tab(walker, console)
    for each in (walker, tab):
        each.page.set_viewport_size({"width": 1366, "height": 600})
        each.page.goto(ankle)
    with walker.saving():
        walker.answer(*DORSIFLEXION, "2")
    tab.page.locator(".main").evaluate("main => main.scrollTo(0, 0)")
    tab.answer(*DORSIFLEXION, "4")
    keep = conflict(tab).get_by_role("button", name="Keep mine: 4")
    expect(keep).to_be_visible()
    box, bar = keep.bounding_box(), tab.page.locator(".actions").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"]
    expect(conflict(tab)).to_be_focused()
    console.expect("409")


def test_C02_a_stale_step_without_javascript_shows_both_values_and_keeps_the_other_answers(
    plain: Walker, ankle: str, console: Console, owner: User
) -> None:
    tab = second_tab(plain, console)
    for each in (plain, tab):
        each.page.goto(ankle)
    plain.answer(*DORSIFLEXION, "2")
    plain.go_on()
    tab.answer(*DORSIFLEXION, "4")
    tab.answer("ankle_dorsiflexion", "right", "5")
    tab.go_on()
    expect(tab.page.get_by_role("heading", name="There is a problem")).to_be_visible()
    for words in (owner.get_full_name(), "Yours, on this page: 4", "Theirs, in the record: 2"):
        expect(conflict(tab)).to_contain_text(words)
    expect(tab.key("ankle_dorsiflexion", "right", "5")).to_be_checked()
    tab.go_on()
    console.expect("409")
    plain.page.goto(ankle)
    expect(plain.key(*DORSIFLEXION, "4")).to_be_checked()
    expect(plain.key("ankle_dorsiflexion", "right", "5")).to_be_checked()


# ---------------------------------------------------------------- wrong addresses


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("reflexes", "This step is not part of this exam. Widen the exam to the full one to open it."),
        ("palmistry", "There is no such step in the exam."),
    ],
    ids=["a step of the other protocol", "no step at all"],
)
def test_a_step_that_this_exam_does_not_have_says_so_and_leads_back(
    walker: Walker, exam: Exam, console: Console, slug: str, sentence: str
) -> None:
    answer = walker.page.goto(step_path(exam, slug))
    assert answer is not None
    assert answer.status == 404
    console.expect("404")
    expect(walker.main()).to_contain_text(sentence)
    expect(walker.main().get_by_role("link")).to_be_visible()
