"""A whole exam of a published case, from sign-in to the countersigned paper, with and without JavaScript."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from exams.steps import asked_findings, core_findings, sides_of, steps_for
from localization import BANDS, CATALOGUE, SITES
from tests.browser.published import PublishedCase, published
from tests.browser.walk import Walker

if TYPE_CHECKING:
    from localization import Report

# A core exam of a LEFT and a full exam of a RIGHT foot drop: swapped sides show in one or the other.
CASES = {"core": "amssm840-leg-crossing", "full": "leung2021-zoster-l5"}
FIBULAR, ROOT = SITES["common_fibular"].label, SITES["root_L5"].label
# Who says what: the core exam's reader disagrees with everybody, the full one's agrees.
IMPRESSIONS = {"core": ROOT, "full": ROOT}
OWN_LEVELS = {"core": FIBULAR, "full": ROOT}
BECAUSE = "Noticed on the way to the bus, with nothing to show for it."
LOOKED = "The knee was crossed for weeks."
DISSENT = "Habitual leg crossing and a spared back speak for the knee."
NO_LEVEL_DISSENT = "I do not agree: one level fits best"
PATIENT = "Okafor, Ngozi"
NUMBER = "W-204"


@pytest.fixture(params=["page", "page_no_js"], ids=["with JavaScript", "without JavaScript"])
def walker(request: pytest.FixtureRequest, browser: Browser) -> Walker:  # noqa: ARG001
    """A person at a page; `browser` is named here because the kind of page is chosen only at run time."""
    return Walker(request.getfixturevalue(request.param), scripted=request.param == "page")


@pytest.mark.parametrize("protocol", CASES)
def test_X11_X16_a_whole_exam_goes_from_sign_in_to_the_countersigned_paper(
    walker: Walker, owner: User, supervisor: User, protocol: str
) -> None:
    case = published(CASES[protocol])
    asked = core_findings() if protocol == "core" else asked_findings()
    answer = case.answer(asked)

    walker.sign_in(owner)
    examine(walker, case, protocol)
    check_and_sign(walker, case, asked)
    expect(walker.heading(PATIENT)).to_be_visible()
    expect(walker.main().get_by_text(answer.headline)).to_be_visible()
    walker.sign_out()

    walker.sign_in(supervisor)
    walker.page.get_by_role("link", name=f"Review {PATIENT}").click()
    find_in_tables(walker, case, asked)
    look_first(walker, answer, protocol)
    compare_and_decide(walker, answer, protocol)

    find_in_tables(walker, case, asked)
    pages = paper(walker)
    check_every_page(pages, case.side)
    check_findings("".join(pages), case, asked)
    check_answer("".join(pages), answer)
    check_opinions("".join(pages), protocol)


def examine(walker: Walker, case: PublishedCase, protocol: str) -> None:
    """Add the patient, and enter what the case reports; the core's other findings were not done."""
    family, _, given = PATIENT.partition(", ")
    born = case.born(timezone.localdate())
    walker.add_patient(family=family, given=given, born=born, sex=case.sex, number=NUMBER)
    walker.start_exam(protocol=protocol, side=case.side)
    for step in steps_for(protocol):
        if step.finding_ids:
            if walker.scripted and "ankle_dorsiflexion" in step.finding_ids:
                walker.fill_step_watching(step, case.values, core_findings())
            else:
                walker.fill_step(step, case.values, core_findings())
            walker.go_on()
    walker.give_impression(IMPRESSIONS[protocol], BECAUSE)


def check_and_sign(walker: Walker, case: PublishedCase, asked: frozenset[str]) -> None:
    """Read everything back, mark the rest of a full exam as not done, and sign."""
    if not asked <= core_findings():
        walker.press("Mark the rest as not done")
    expect(walker.page.get_by_text("Nothing is open.")).to_be_visible()
    for finding in sorted(asked):
        untested = "Not asked" if CATALOGUE[finding].ask else "Not tested"
        assert walker.read_back(finding) == in_words(case, finding, f"{untested} (Not done)")
    walker.sign(case.side)


def look_first(walker: Walker, answer: Report, protocol: str) -> None:
    """Write the supervisor's own look: nobody's opinion is in the page, nor behind the other addresses."""
    page = walker.page
    expect(walker.heading("Your opinion first")).to_be_visible()
    look = page.url
    report = look.replace("/reviews/", "/exams/").replace("/look/", "/report")
    for address in (look, f"{report}/", f"{report}.pdf", look.replace("/look/", "/")):
        got = page.request.get(address)
        assert got.url == look
        check_blind(got.text(), answer)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("radio", name=OWN_LEVELS[protocol], exact=True).check()
    page.get_by_label("Reason, in one line").fill(LOOKED)
    walker.press("Record and open the rest")


def find_in_tables(walker: Walker, case: PublishedCase, asked: frozenset[str]) -> None:
    """Find what the case reports in the page's tables, LEFT before RIGHT."""
    expect(walker.page.get_by_role("rowheader", name="Ankle dorsiflexion", exact=True)).to_be_visible()
    for finding in sorted({name for name, _ in case.asked(asked)}):
        assert walker.row(finding) == in_words(case, finding, "not tested"), finding


def check_blind(source: str, answer: Report) -> None:
    """Make sure that a page's source holds no opinion; every level stands there once, as a choice."""
    assert "Hidden until you record yours" in source
    elsewhere = re.sub(r"<fieldset.*?</fieldset>", "", source, flags=re.DOTALL)
    levels = {SITES[ranked.site].label for ranked in answer.ranked} | {FIBULAR, ROOT}
    for words in (BECAUSE, answer.headline, "onsistent with", *(band.label for band in BANDS), *levels):
        assert words not in elsewhere, words


def compare_and_decide(walker: Walker, answer: Report, protocol: str) -> None:
    """See all three opinions, then agree, or disagree with an own level, under the password."""
    expect(walker.heading("Compare and decide")).to_be_visible()
    for words in (LOOKED, BECAUSE, answer.headline):
        expect(walker.main().get_by_text(words)).to_be_visible()
    if protocol == "full":
        expect(walker.main().get_by_text("All three agree")).to_be_visible()
        walker.countersign("I agree with the level shown")
    else:
        dissent = "I do not agree with the level shown" if answer.leading else NO_LEVEL_DISSENT
        walker.countersign(dissent, site=OWN_LEVELS[protocol], comment=DISSENT)
    expect(walker.page.get_by_text("Countersigned. The report now carries your decision.")).to_be_visible()


# ---------------------------------------------------------------- the paper


def paper(walker: Walker) -> list[str]:
    """Return the text of each page of the PDF behind the report's button, without any space."""
    address = walker.page.get_by_role("link", name="Print or PDF").get_attribute("href")
    assert address
    got = walker.page.request.get(address)
    assert got.headers["content-type"] == "application/pdf"
    return [squashed(page.extract_text()) for page in PdfReader(BytesIO(got.body())).pages]


def check_every_page(pages: list[str], side: str) -> None:
    """Name, number, side, state and place of the page stand on each one; DRAFT on none."""
    other = {"left": "RIGHT", "right": "LEFT"}[side]
    for number, text in enumerate(pages, start=1):
        for words in (PATIENT, NUMBER, f"Affected side: patient’s {side.upper()}", "Countersigned"):
            assert squashed(words) in text, words
        assert squashed(f"Page {number} of {len(pages)}") in text
        assert f"patient’s{other}" not in text
        assert "DRAFT" not in text


def check_findings(text: str, case: PublishedCase, asked: frozenset[str]) -> None:
    """Find each finding with its values, LEFT before RIGHT; what was not tested says so."""
    for finding in sorted(asked):
        label, values = re.escape(squashed(CATALOGUE[finding].label)), in_words(case, finding, "not tested")
        row = label + "".join(rf"[▼✓○]?{re.escape(squashed(value))}" for value in values)
        listed = rf"Nottested\(notdone\):[^.]*{label}"
        untested = set(values) == {"not tested"}
        assert re.search(row, text) or (untested and re.search(listed, text)), finding


def check_answer(text: str, answer: Report) -> None:
    """Find what the rules say to just the case's findings; an untested one read as normal would change it."""
    said = (answer.headline, answer.not_apart, answer.what_would_change, answer.stable)
    for words in (*said, "It does not diagnose"):
        assert squashed(words) in text, words
    if answer.leading:
        assert "mostconsistentwith" in text
        assert "Thisisnotadiagnosis." in text
    for ranked in answer.ranked:
        assert squashed(ranked.label) in text, ranked.label


def check_opinions(text: str, protocol: str) -> None:
    """Find both opinions, and both signatures with their times."""
    for words in (BECAUSE, LOOKED):
        assert squashed(words) in text, words
    assert squashed(IMPRESSIONS[protocol]) in text
    if protocol == "core":
        assert squashed(f"{OWN_LEVELS[protocol]}. {DISSENT}") in text
    today = squashed(timezone.localdate().strftime("%-d %b %Y"))
    reviewed = "Reviewedandagreedby" if protocol == "full" else "Reviewed,disagrees:"
    for said in ("ExaminedbyOliveOwner,Examiner,", f"{reviewed}SimonSupervisor,Supervisor,"):
        assert re.search(rf"{said}{today},\d\d:\d\d", text), said


def in_words(case: PublishedCase, finding: str, untested: str) -> list[str]:
    """Return how a reader finds a finding's values: LEFT before RIGHT, or the one value without a side."""
    tokens = [case.values.get((finding, side)) for side in sides_of(CATALOGUE[finding])]
    return [CATALOGUE[finding].value_label(token) if token else untested for token in tokens]


def squashed(text: str) -> str:
    """Return the text without any space, so that line breaks on paper do not matter."""
    return re.sub(r"\s+", "", text)
