"""K-06: every red flag, alone and in pairs, on every page of an exam, with the engine stubbed to raise."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.models import Exam
from exams.services.localizing import localize_exam
from exams.steps import FINISH, STEPS
from localization import CATALOGUE
from localization.redflags import rules
from tests import factories

pytestmark = pytest.mark.django_db

# One way to raise each flag; "side" is the exam's own. A later entry decides where two say different things.
RAISED: Mapping[str, Mapping[str, str]] = {
    "cauda_equina": {"bladder_bowel": "yes"},
    "breathing_swallowing": {"face_or_speech": "yes", "progressive": "yes"},
    "cord_signs": {"ankle_clonus.left": "yes"},
    "cord_compression_or_mscc": {"cancer": "yes", "back_pain": "yes"},
    "infection": {"fever_or_infection_risk": "yes", "back_pain": "yes"},
    "acute_spinal_foot_drop": {"radiating_leg_pain": "yes", "progressive": "yes"},
    "rapid_single_limb": {"progressive": "yes", "onset": "days"},
    "compartment_syndrome": {
        "precipitant": "knee_injury",
        "onset": "days",
        "first_web_space.left": "reduced",
    },
    "knee_dislocation_or_open_injury": {"precipitant": "knee_injury", "onset": "days"},
    "acute_limb_ischaemia": {"cold_or_pulseless_foot.right": "yes"},
    "slow_progressive": {"progressive": "yes", "fasciculations.left": "yes"},
    "painful_multifocal": {"painless": "no", "onset": "days", "arm_symptoms": "yes"},
    "fibular_neck_mass": {"fibular_neck_mass.left": "yes"},
    "gbs_rapid_symmetric": {"side": "bilateral", "progressive": "yes", "onset": "days"},
    "stroke_tia": {"face_or_speech": "yes", "onset": "sudden"},
}
# These two need different onsets of the same weakness, so no exam can raise both.
NEVER_TOGETHER = {"gbs_rapid_symmetric", "stroke_tia"}
PAIRS = [pair for pair in combinations(RAISED, 2) if set(pair) != NEVER_TOGETHER]
# The first step of each position, then the two last pages.
ONE_OF_EACH = [
    *{step.position: step.slug for step in reversed(STEPS)}.values(),
    STEPS[-2].slug,
    STEPS[-1].slug,
]


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the engine is gone")

    monkeypatch.setattr("exams.services.localizing.localize", broken)


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(owner)


def raised(owner: User, names: Iterable[str]) -> Exam:
    """Return an exam in which these flags were recorded."""
    said: dict[str, str] = {}
    for name in names:
        said |= RAISED[name]
    side = said.pop("side", "left")
    return factories.exam(factories.desk(owner), protocol="full", affected_side=side, answers=said)


def url(exam: Exam, slug: str) -> str:
    if slug in {step.slug for step in STEPS if step.position == FINISH}:
        return reverse(f"exams:{slug}", args=[exam.pk])
    return reverse("exams:step", args=[exam.pk, slug])


def assert_first_on(examiner: Client, exam: Exam, slug: str, names: Iterable[str]) -> None:
    """The page opens, and every flag stands on it before the main content."""
    answer = examiner.get(url(exam, slug))
    page = answer.content.decode()
    assert answer.status_code == 200
    for name in names:
        assert 0 < page.find(f'id="flag-{name}"') < page.index('id="main"')


def test_the_table_knows_every_rule() -> None:
    assert set(RAISED) == set(rules())


@pytest.mark.parametrize("name", RAISED)
def test_each_flag_is_on_the_pages_of_every_position(owner: User, examiner: Client, name: str) -> None:
    exam = raised(owner, [name])
    for slug in ONE_OF_EACH:
        assert_first_on(examiner, exam, slug, [name])


def test_pairs_of_flags_stand_together(owner: User, examiner: Client) -> None:
    for number, pair in enumerate(PAIRS[::7]):
        assert_first_on(examiner, raised(owner, pair), STEPS[number % len(STEPS)].slug, pair)


@pytest.mark.long
@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_is_on_every_page(owner: User, examiner: Client, pair: tuple[str, str]) -> None:
    exam = raised(owner, pair)
    for step in STEPS:
        assert_first_on(examiner, exam, step.slug, pair)


def test_the_bar_tells_what_was_never_asked_from_what_was_marked_as_not_done(
    owner: User, examiner: Client
) -> None:
    exam = raised(owner, ["cauda_equina"])
    factories.answer(factories.desk(owner), exam, "cancer", "", not_tested=True, reason="not_done")
    page = examiner.get(url(exam, "red-flags")).content.decode()
    bar = " ".join(page.partition('id="red-flags"')[2].partition("</section>")[0].split())
    cancer = CATALOGUE["cancer"].label
    yet = re.search(r"Not asked yet: (.*?)\. Not asked: (.*?) \(marked not done\)", bar)
    assert yet is not None
    assert cancer not in yet[1]
    assert yet[2] == cancer


def test_a_flag_that_is_not_acknowledged_says_what_else_to_ask(owner: User, examiner: Client) -> None:
    exam = raised(owner, ["cauda_equina"])
    page = html.unescape(examiner.get(url(exam, "red-flags")).content.decode())
    (flag,) = localize_exam(exam).red_flags
    assert flag.ask_also
    assert "<b>Also ask:</b> " + "; ".join(flag.ask_also) + "." in page
