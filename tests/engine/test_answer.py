"""The parts of the answer beside the level: second lesion, what would change it, how often it was right."""

from __future__ import annotations

import json
import math
import re
from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localization import BANDS, CATALOGUE, SITES, Findings, Report, Value, localize
from localization.alternatives import Alternative, alternatives
from localization.casefile import Case
from localization.evaluation.observed import observed
from localization.knowledge import read
from localization.posterior import Fact, believe, fact_of, facts_of
from localization.ranking import Ranking, first_group
from localization.selfcheck.beside import answer_is_in_range, bands_have_counts
from localization.suggestions import recorded_change
from localization.textreport import as_text
from localization.tripwire import central_tripwire
from localization.wording import STILL_POSSIBLE
from tests.engine.cases import published
from tests.engine.exams import Exam, exams
from tests.engine.legs import FIBULAR, ROOT, SETTING

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_a_second_lesion_is_named_with_what_it_adds() -> None:
    signs: dict[str, Value] = {"plantar_response": "extensor", "ankle_reflex": "brisk"}
    report = localize(Findings.build(left={**FIBULAR, "tinel_fibular_neck": "positive", **signs}))
    pair = report.second_lesion
    assert pair is not None
    assert pair.sites[0] == "common_fibular"
    assert SITES[pair.sites[1]].group == "central"
    assert pair.sides == (None, None)
    assert ("plantar_response", "left") in [(item.finding, item.side) for item in pair.cited]
    assert {item.finding for item in pair.cited} <= set(signs)
    assert pair.ratio >= read("answer")["second_lesion"]["least_ratio"]
    assert "Common fibular nerve together with" in pair.text
    assert "Plantar response extensor, patient's LEFT" in pair.text
    assert pair.text in report.notices
    assert pair.source == ("yap2016",)
    assert report.tripwire is not None


SIGNS: dict[str, Value] = {"plantar_response": "extensor", "ankle_reflex": "brisk"}
DOUBLE: dict[str, Value] = {**FIBULAR, "tinel_fibular_neck": "positive", **SIGNS}


def test_a_pair_below_the_limit_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert localize(Findings.build(left=DOUBLE)).second_lesion is not None
    monkeypatch.setitem(read("answer")["second_lesion"], "least_ratio", 1e9)
    assert localize(Findings.build(left=DOUBLE)).second_lesion is None


def test_the_ratio_is_that_of_both_sites_to_the_best_one() -> None:
    """A second lesion pays for what it makes less normal than a patient without one."""
    pair = localize(Findings.build(left=DOUBLE)).second_lesion
    assert pair is not None
    facts, order = facts_of(Findings.build(left=DOUBLE)), list(SITES)

    def joint(*kept: Fact) -> dict[str, float]:
        belief = believe(kept, SETTING)
        evidence = math.exp(belief.shares.log_evidence)
        return dict(zip(order, (belief.per_site() * evidence).tolist(), strict=True))

    added = [fact for fact in facts if fact.finding in {item.finding for item in pair.cited}]
    own = [fact for fact in facts if fact.finding not in {other.finding for other in added}]
    normal = [fact for fact in own if CATALOGUE[fact.finding].state_of(fact.value) == "normal"]
    share = joint()
    first, second = pair.sites
    both = joint(*own)[first] * joint(*added, *normal)[second] / share[second]
    healthy = joint(*normal)["none"] / share["none"]
    assert math.isclose(pair.ratio, both / healthy / max(joint(*facts).values()), rel_tol=1e-6)


def test_what_one_site_explains_needs_no_second() -> None:
    assert localize(Findings.build(left=FIBULAR)).second_lesion is None
    assert localize(Findings.build(right=ROOT)).second_lesion is None


def test_a_normal_finding_that_does_not_fit_is_explained_by_no_second_lesion() -> None:
    leg: dict[str, Value] = {**FIBULAR, "superficial_fibular_snap": "normal", "heel_walk": "able"}
    assert localize(Findings.build(left=leg)).second_lesion is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_two_legs_with_a_lesion_each_are_named_with_their_sides(side: str) -> None:
    worse, better = FIBULAR, {**ROOT, "ankle_inversion": "2"}
    legs = {"left": worse, "right": better} if side == "left" else {"left": better, "right": worse}
    report = localize(Findings.build(unsided={"side": "bilateral"}, left=legs["left"], right=legs["right"]))
    pair = report.second_lesion
    assert pair is not None
    assert pair.sites == ("common_fibular", "root_L5")
    assert pair.sides == (side, "right" if side == "left" else "left")
    assert {item.side for item in pair.cited} == {pair.sides[1]}
    one, other = side.upper(), str(pair.sides[1]).upper()
    assert f"Common fibular nerve on the patient's {one} together with L5 nerve root" in pair.text
    assert f"on the patient's {other}" in pair.text


def test_too_little_names_no_pair() -> None:
    report = localize(Findings.build(left={"ankle_dorsiflexion": "2", "hoover_sign": "positive"}))
    assert report.placement == "too_few"
    assert report.second_lesion is None


def test_what_would_change_names_an_untested_and_a_recorded_finding() -> None:
    leg: dict[str, Value] = {"ankle_dorsiflexion": "2", "hip_abduction": "5", "ankle_inversion": "4"}
    report = localize(Findings.build(left=leg))
    untested, recorded = report.what_would_change.split(" Had ")
    assert re.search(r"was not (tested|asked); if it is ", untested)
    assert recorded.startswith("“")
    assert "patient's LEFT" in recorded


def test_the_recorded_change_is_a_grade_step_before_all_else_and_then_the_likeliest_value() -> None:
    once: dict[str, Value] = {"precipitant": "none", "back_pain": "yes"}
    findings = Findings.build(unsided=once, right=ROOT)
    facts = {fact.finding: fact for fact in facts_of(findings)}

    def other(name: str, value: str, odds: float, *, step: bool = False) -> Alternative:
        return Alternative(fact=facts[name], value=value, step=step, site="sciatic", stays=False, odds=odds)

    implausible = other("precipitant", "labour", read("answer")["recorded_change"]["least_odds"] * 0.9)
    step = other("ankle_inversion", "4", 0.2, step=True)
    likely, likelier = other("back_pain", "no", 0.3), other("slr", "negative", 0.8)
    said = recorded_change((implausible, likely, step, likelier), findings)
    assert "“Ankle inversion 4, patient's RIGHT”" in said
    assert "instead of “3”, sciatic nerve would come first." in said
    assert "Straight leg raise negative" in recorded_change((implausible, likely, likelier), findings)
    assert recorded_change((implausible,), findings) == ""


@quick
@given(exams())
def test_each_alternative_is_what_the_engine_answers_to_that_examination(exam: Exam) -> None:
    findings = exam.findings()
    facts = facts_of(findings)
    belief = believe(facts, SETTING)
    ranking = Ranking.of(belief)
    for other in alternatives(findings, facts, belief, ranking):
        rest = tuple(fact for fact in facts if fact is not other.fact)
        swapped = fact_of(findings, other.fact.finding, other.fact.leg, other.value)
        afresh = believe((*rest, swapped), SETTING)
        assert other.stays == (first_group(afresh.per_site()) == ranking.first_group)
        if not other.stays:
            odds = math.exp(afresh.shares.log_evidence - belief.shares.log_evidence)
            assert math.isclose(other.odds, odds, rel_tol=1e-6)


def test_the_observed_rates_are_those_of_a_fresh_count() -> None:
    stored = read("observed")["band"]
    for count in observed(published()):
        row = stored[count.band]
        assert (row["patients"], row["k"], row["n"]) == (count.patients, count.right, count.shown), (
            "python -m tools.observed > localization/knowledge/observed.toml"
        )
    assert list(stored) == [band.id for band in BANDS[:-1]]


def test_every_band_says_how_often_it_was_right_or_that_nobody_knows() -> None:
    for band in BANDS[:-1]:
        row = read("observed")["band"][band.id]
        if row["n"] >= read("answer")["observed"]["least_shown"]:
            assert f"documented answer in {row['k']} of {row['n']}" in band.observed
        else:
            assert band.observed == read("wording")["band_note"]["no_figure"]
    assert BANDS[-1].observed == ""


FORBIDDEN = (
    "diagnosis is",
    "confirmed",
    "rules out",
    "excludes",
    "no red flags",
    "safe to",
    "no need",
    "reassur",
    "%",
    "percent",
    "surgery is",
    "you should",
    " your ",
)


def _said(report: Report) -> str:
    return as_text(report).replace("Follow your local urgent pathway.", "")


@pytest.mark.parametrize("case", published(), ids=lambda case: str(case.name))
def test_the_text_for_people_says_all_and_nothing_forbidden(case: Case) -> None:
    report = localize(case.findings)
    text = _said(report)
    for words in FORBIDDEN:
        assert words not in text.lower(), words
    for sentence in (report.headline, *report.notices):
        assert sentence in text
    for sentence in filter(None, (report.what_would_change, report.stable)):
        assert (sentence in text) == bool(report.levels), "of a level only where one or two are named"
    for test in report.next_tests:
        assert f"{CATALOGUE[test.finding].label} (" in text
        assert f"\n  {test.finding} (" not in text
    places = [text.index(flag.banner) for flag in report.red_flags]
    assert places == sorted(places)
    assert all(place < text.index(report.headline) for place in places)
    if report.tripwire is not None:
        assert text.index(report.tripwire.text) < text.index(report.headline)
    for level in report.levels:
        assert f"{level.label}: {level.band.label}" in text


@quick
@given(exams(), st.sampled_from(sorted(("physiotherapy_clinic", "spine_clinic"))))
def test_the_whole_answer_is_data_that_nobody_can_change(exam: Exam, setting: str) -> None:
    report = localize(exam.findings(), setting=setting)
    assert json.loads(json.dumps(report.to_json())) == report.to_json()
    assert report.tripwire == central_tripwire(exam.findings())
    for field in fields(report):
        with pytest.raises(FrozenInstanceError):
            setattr(report, field.name, None)
    with pytest.raises(TypeError):
        report.posterior["brain"] = 1.0  # type: ignore[index]
    if report.leading is None:
        assert not report.settled
    if report.placement in {"too_few", "scope", "no_foot_drop", "contradiction"}:
        assert report.levels == ()
        assert report.leading is None


@pytest.mark.parametrize(
    ("file", "place", "value", "said"),
    [
        ("answer", ("settled", "least_likely"), 0.9, "answer.settled.least_likely: 0.9 is given; 0 to 0.5"),
        ("answer", ("second_lesion", "least_ratio"), 0.5, "answer.second_lesion.least_ratio: 0.5 is given"),
        ("answer", ("next_tests", "patience"), 3.0, "answer.next_tests.patience: nothing reads it"),
        (
            "observed",
            ("band", "sure"),
            {"k": 0, "n": 0, "patients": 1},
            "strong, good, some, little are needed",
        ),
        ("observed", ("band", "some", "n"), 10_000, "observed.band.some: 10000 sites are more than"),
    ],
)
def test_the_check_names_a_limit_or_count_that_cannot_be(
    file: str, place: tuple[str, ...], value: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [*answer_is_in_range(), *bands_have_counts()]
    table = read(file)
    for key in place[:-1]:
        table = table[key]
    monkeypatch.setitem(table, place[-1], value)
    assert any(said in problem for problem in (*answer_is_in_range(), *bands_have_counts()))


def test_sites_beyond_those_named_are_counted() -> None:
    answers = [localize(case.findings) for case in published()]
    said = [report.not_apart.split(". ")[0].split(": ")[1] for report in answers if report.not_apart]
    more = [one for one in said if " more" in one]
    assert 0 < len(more) < len(said)
    assert all(re.fullmatch(r"[^,]+(, [^,]+){4} and [1-9]\d? more", one) for one in more)
    assert all(one.count(",") < STILL_POSSIBLE for one in said)


def test_a_question_was_not_asked_and_a_test_not_tested() -> None:
    report = localize(Findings.build(left={"ankle_dorsiflexion": "2", "hip_abduction": "5"}))
    said = {item.finding: item.text for item in report.missing}
    assert said["painless"].startswith("Painless course: not asked; ")
    assert said["ankle_inversion"].startswith("Ankle inversion: not tested; ")
