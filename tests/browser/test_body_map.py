"""The body map in a real browser: an area leads to its row, and is drawn as its row says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from exams.models import Exam
from exams.steps import step_asking
from tests import factories
from tests.browser.accessible import TALL, axe
from tests.browser.screens import MEASURES, SIZES, sign_in, step_path
from tests.browser.test_layout import ZOOMED

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.plugins.browser import Console

SENSATION = step_asking("dorsum_foot")
SAVED = re.compile(r"Saved \d{2}:\d{2}")
DORSUM = "#area-dorsum_foot-left"
NARROW = {**SIZES, "zoomed": ZOOMED}
LEAST_TARGET = 24  # CSS px: what a finger must hit of an area whose row is its equal
OWN_TARGET = 44  # CSS px: what it must hit of the first web space
# The side of the largest square, in any view, in which every point leads to this area and to nothing else.
REACH = """() => Object.fromEntries([...document.querySelectorAll('.bodymap .area')].map(area => {
  const STEP = 2;
  const hits = (x, y) => document.elementFromPoint(x, y)?.closest('.area') === area ? 1 : 0;
  const sizes = [...area.querySelectorAll('.patch, .reach')].map(patch => {
    const box = patch.getBoundingClientRect();
    let above = [], largest = 0;
    for (let y = box.top; y <= box.bottom; y += STEP) {
      const row = [];
      for (let x = box.left; x <= box.right; x += STEP) {
        const i = row.length;
        row.push(hits(x, y) && 1 + Math.min(row[i - 1] || 0, above[i] || 0, above[i - 1] || 0));
      }
      largest = Math.max(largest, ...row);
      above = row;
    }
    return (largest - 1) * STEP;
  });
  return [area.id, Math.max(...sizes)];
}))"""
LOOKS = """all => all.map(area => {
  const style = getComputedStyle(area.querySelector('.patch'));
  const shown = mark => getComputedStyle(mark).display !== 'none';
  const sign = [...area.querySelectorAll('.mark')].find(shown)?.getAttribute('href') || '';
  const state = area.getAttribute('class').match(/is-\\S+/)?.[0] || '';
  return [state, style.strokeDasharray, style.fill.includes('hatch') ? style.fill : 'plain', sign].join(' ');
})"""


@pytest.fixture
def draft(owner: User) -> Exam:
    answers = {"medial_leg.left": "normal", "sole.right": "absent", "bladder_bowel": "yes"}
    return factories.exam(factories.desk(owner), protocol="full", answers=answers)


def opened(page: Page, owner: User, draft: Exam) -> Page:
    sign_in(page, owner)
    page.goto(step_path(draft, SENSATION.slug))
    return page


def look(page: Page, area: str) -> str:
    """Return the state that an area is drawn in."""
    classes = (page.locator(area).get_attribute("class") or "").split()
    return " ".join(name for name in classes if name.startswith("is-"))


def tap(page: Page, area: str) -> None:
    page.locator(f"{area} .patch").first.click()


def test_a_tapped_area_leads_to_its_own_side_of_its_row(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    for area, chosen in [(DORSUM, "dorsum_foot-left"), ("#area-dorsum_foot-right", "dorsum_foot-right")]:
        tap(page, area)
        expect(page.locator(f"#{chosen}")).to_be_focused()
        expect(page.locator("#row-dorsum_foot")).to_be_in_viewport()
        assert page.locator(".mus.sel").evaluate_all("all => all.map(one => one.id)") == ["row-dorsum_foot"]
        assert page.locator(".side.sel").evaluate_all("all => all.map(one => one.id)") == [f"{chosen}-group"]
        assert page.locator(".area.sel").evaluate_all("all => all.map(one => one.id)") == [area[1:]]


def test_a_tapped_area_focuses_the_chosen_key_and_changes_nothing(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    tap(page, "#area-sole-right")
    expect(page.locator("#sole-right-3")).to_be_focused()
    expect(page.locator("#sole-right-3")).to_be_checked()
    assert look(page, "#area-sole-right") == "is-absent"
    assert "#" not in page.url


def test_a_chosen_value_is_drawn_and_stays_drawn_after_a_reload(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    for key, drawn in [(2, "is-reduced"), (3, "is-absent"), ("not-tested", "is-not-tested")]:
        with page.expect_response("**/answers/"):
            page.locator(f"#dorsum_foot-left-{key}").click()
        expect(page.locator("#save-state")).to_have_text(SAVED)
        assert look(page, DORSUM) == drawn
        assert look(page, "#area-dorsum_foot-right") == ""
    page.reload()
    assert look(page, DORSUM) == "is-not-tested"
    expect(page.locator(DORSUM)).to_have_attribute("aria-label", re.compile("patient's LEFT: Not tested$"))


@pytest.mark.parametrize("how", ["tap again", "Clear", "Delete"])
def test_a_value_that_is_taken_away_leaves_its_area_empty(
    page: Page, owner: User, draft: Exam, how: str
) -> None:
    opened(page, owner, draft)
    assert look(page, "#area-sole-right") == "is-absent"
    with page.expect_response("**/answers/"):
        if how == "tap again":
            page.locator("#sole-right-group .pick:has(:checked)").click()
        elif how == "Clear":
            page.locator("#sole-right-clear").click()
        else:
            page.focus("#sole-right-group input:checked")
            page.keyboard.press("Delete")
    assert look(page, "#area-sole-right") == ""
    expect(page.locator("#area-sole-right")).to_have_attribute("aria-label", re.compile("Not recorded$"))


@pytest.mark.parametrize(("keep", "drawn"), [("mine", "is-absent"), ("theirs", "is-reduced")])
def test_after_a_conflict_the_area_shows_the_value_that_was_kept(
    page: Page, owner: User, draft: Exam, console: Console, keep: str, drawn: str
) -> None:
    opened(page, owner, draft)
    factories.answer(factories.desk(owner), draft, "dorsum_foot.left", "reduced")
    page.locator("#dorsum_foot-left-3").click()
    page.locator(f"#dorsum_foot-left-{keep}").click()
    expect(page.locator("#save-state")).to_have_text(SAVED)
    expect(page.locator(DORSUM)).to_have_class(re.compile(drawn))
    console.expect("409")


def test_the_map_and_the_rows_say_the_same_for_every_area(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    for number, (finding, side) in enumerate(SENSATION.places):
        page.locator(f"#{finding}-{side}-group .pick").nth((number + 1) % 4).click()
    chosen = {
        f"area-{finding}-{side}": page.locator(f"#{finding}-{side}-group .pick input:checked").input_value()
        for finding, side in SENSATION.places
    }
    drawn = {name: look(page, f"#{name}").removeprefix("is-").replace("-", "_") for name in chosen}
    assert drawn == chosen
    assert set(drawn.values()) == {"normal", "reduced", "absent", "not_tested"}


def test_by_root_every_area_bears_its_root_and_each_root_tells_what_the_rows_say(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    roots, letter = page.locator(".roots"), page.locator("#area-sole-left text.nerve-name")
    expect(roots.first).to_be_hidden()
    expect(letter).to_be_visible()
    page.get_by_role("radio", name="By root").check()
    expect(letter).to_be_hidden()
    expect(page.locator("#area-sole-left text.root-name")).to_have_text("S1")
    expect(page.locator("#area-sole-left text.root-name")).to_be_visible()
    tap(page, DORSUM)
    expect(page.locator("#dorsum_foot-left")).to_be_focused()
    for key in ("#dorsum_foot-left-3", "#first_web_space-left-2"):
        with page.expect_response("**/answers/"):
            page.locator(key).click()
    left = page.locator("[aria-labelledby=leg-left] .roots li")
    expect(left.filter(has_text="L5")).to_have_text(
        "L5: absent at 1 of 3 areas; reduced at 1; not recorded at 1"
    )
    expect(page.locator("#save-state")).to_have_text(SAVED)
    told = page.locator(".roots li").all_inner_texts()
    page.reload()
    page.get_by_role("radio", name="By root").check()
    assert page.locator(".roots li").all_inner_texts() == told
    fills = "all => all.map(area => getComputedStyle(area.querySelector('.patch')).fill)"
    empty = page.locator("[aria-labelledby=leg-right] .area:not([class*=' is-'])")
    by_root = dict(
        zip(
            empty.evaluate_all("all => all.map(a => a.dataset.roots)"), empty.evaluate_all(fills), strict=True
        )
    )
    assert len(set(by_root.values())) == len(by_root) == 5


def test_without_javascript_the_map_is_read_by_root(page_no_js: Page, owner: User, draft: Exam) -> None:
    page = opened(page_no_js, owner, draft)
    page.get_by_role("radio", name="By root").check()
    expect(page.locator("[aria-labelledby=leg-right] .roots li").nth(3)).to_have_text(
        "S1: absent at 1 of 2 areas; not recorded at 1"
    )


def test_without_javascript_an_area_is_a_link_to_its_row(page_no_js: Page, owner: User, draft: Exam) -> None:
    page = opened(page_no_js, owner, draft)
    assert look(page, "#area-sole-right") == "is-absent"
    tap(page, "#area-dorsum_foot-right")
    expect(page.locator("#dorsum_foot-right")).to_be_focused()
    expect(page.locator("#row-dorsum_foot")).to_be_in_viewport()
    page.locator("#dorsum_foot-right-group .pick").nth(1).click()
    page.get_by_role("button", name="Save and continue").last.click()
    page.goto(step_path(draft, SENSATION.slug))
    assert look(page, "#area-dorsum_foot-right") == "is-reduced"


def test_the_tab_key_goes_from_the_map_straight_to_the_rows(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    page.locator("#body-map-title").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#map-by-nerve")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.mus')?.id") == "row-medial_leg"


def test_the_row_in_focus_is_marked_on_the_map(page: Page, owner: User, draft: Exam) -> None:
    opened(page, owner, draft)
    page.focus("#sole-left")
    expect(page.locator("#area-sole-left")).to_have_class(re.compile(r"\bsel\b"))
    page.focus("#save-and-continue")
    expect(page.locator(".area.sel")).to_have_count(0)


def test_the_four_states_and_an_empty_area_look_different_without_colour(
    page: Page, owner: User, draft: Exam
) -> None:
    opened(page, owner, draft)
    for number in range(4):
        page.locator("#dorsum_foot-left-group .pick").nth(number).click()
        page.locator(f"#{SENSATION.finding_ids[number]}-right-group .pick").nth(number).click()
    looks = page.locator(".area[id$=-right]").evaluate_all(LOOKS)
    states = {line.split(" ", 1)[0] for line in looks}
    assert states == {"is-normal", "is-reduced", "is-absent", "is-not-tested", ""}
    assert len({line.split(" ", 1)[1] for line in looks}) == len(states)


@pytest.mark.parametrize("size", NARROW)
def test_a_finger_can_hit_every_area_and_nothing_runs_sideways(
    page: Page, owner: User, draft: Exam, size: str
) -> None:
    page.set_viewport_size({"width": NARROW[size][0], "height": NARROW[size][1]})
    opened(page, owner, draft)
    sideways = [problem for problem in page.evaluate(MEASURES) if problem.startswith("sideways")]
    assert sideways == []
    page.set_viewport_size({"width": NARROW[size][0], "height": TALL // 8})
    reach = page.evaluate(REACH)
    assert {name: wide for name, wide in reach.items() if wide < LEAST_TARGET} == {}
    for side in ("left", "right"):
        assert reach[f"area-first_web_space-{side}"] >= OWN_TARGET


@pytest.mark.parametrize(("size", "theme"), [("laptop", "light"), ("phone", "dark")])
def test_the_accessibility_check_finds_nothing_in_any_state_of_the_map(
    page: Page, owner: User, size: str, theme: Any
) -> None:
    page.set_viewport_size({"width": SIZES[size][0], "height": TALL})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    opened(page, owner, factories.exam(factories.desk(owner), protocol="full"))
    for number, (finding, side) in enumerate(SENSATION.places[:-2]):
        page.locator(f"#{finding}-{side}-group .pick").nth((number + 1) % 4).click()
    # a panel that is being updated is dimmed: it is read when the last answer is in
    expect(page.locator("#rail-step-sensation .st")).to_contain_text("12/14")
    assert axe(page) == []
    page.get_by_role("radio", name="By root").check()
    assert axe(page) == []
