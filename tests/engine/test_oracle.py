"""The engine's posterior is that of an independent library for exact inference, on the same model."""

from __future__ import annotations

import random
from functools import cache

import pytest

from localization import CATALOGUE, SETTINGS, SITES, Finding, Findings, Value
from localization.casefile import Case
from localization.knowledge import read
from localization.likelihood import weights_of
from localization.posterior import believe, facts_of, posterior
from tests.engine import oracle
from tests.engine.cases import PATHS, published
from tests.engine.network import force_class, force_deficits, force_of, is_too_early, observable, recorded

LARGEST = 1e-9
EXAMS = 1000
LEFT_OUT = 40  # exams of which single findings are left out


def largest_difference(findings: Findings, setting: str) -> float:
    ours, theirs = posterior(findings, setting), oracle.posterior(findings, setting)
    assert list(ours) == list(theirs)
    return max(abs(ours[site] - theirs[site]) for site in SITES)


def random_value(chance: random.Random, finding: Finding) -> Value:
    scale = finding.scale
    if scale.kind == "choice":
        return chance.choice(scale.tokens)
    if finding.id == "days_onset_to_edx":  # half of the studies too early, as the scale alone hardly draws
        return float(chance.randint(0, chance.choice((20, 200))))
    return float(chance.randint(int(scale.minimum or 0), int(scale.maximum or 0)))


def random_exam(seed: int) -> Findings:
    """Draw an exam of any size: a few findings or nearly all, with values that need not fit together."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    recorded_share = chance.random() ** 2

    def some(sided: bool) -> dict[str, Value]:
        return {
            name: random_value(chance, finding)
            for name, finding in CATALOGUE.findings.items()
            if finding.sided == sided and chance.random() < recorded_share
        }

    return Findings.build(unsided=some(sided=False), left=some(sided=True), right=some(sided=True))


@cache
def random_exams() -> tuple[Findings, ...]:
    return tuple(random_exam(seed) for seed in range(EXAMS))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("case", published(), ids=[path.stem for path in PATHS])
def test_a_published_patient_has_the_oracles_posterior(case: Case, setting: str) -> None:
    assert largest_difference(case.findings, setting) <= LARGEST


@pytest.mark.parametrize("setting", SETTINGS)
def test_random_exams_have_the_oracles_posterior(setting: str) -> None:
    share = random_exams()[list(SETTINGS).index(setting) :: len(SETTINGS)]
    assert len(share) == EXAMS // len(SETTINGS)
    for findings in share:
        assert largest_difference(findings, setting) <= LARGEST, findings


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_empty_exam_has_the_oracles_posterior(setting: str) -> None:
    assert largest_difference(Findings.build(), setting) <= LARGEST
    shares = read("priors")["prior"][setting]["sites"]
    for site, chance in oracle.posterior(Findings.build(), setting).items():
        assert abs(chance - shares[site]) <= LARGEST


@pytest.mark.parametrize("setting", SETTINGS)
def test_leaving_any_finding_out_gives_the_oracles_posterior_without_it(setting: str) -> None:
    for findings in random_exams()[list(SETTINGS).index(setting) : LEFT_OUT : len(SETTINGS)]:
        facts = facts_of(findings)
        belief = believe(facts, setting)
        for fact in facts[:: 1 + len(facts) // 5]:
            ours, our_chance = belief.without(fact)
            theirs, their_chance = oracle.without(findings, setting, fact.finding, fact.leg)
            assert abs(ours - list(theirs.values())).max() <= LARGEST, fact
            assert abs(our_chance - their_chance) <= LARGEST, fact


def test_the_random_exams_hold_all_that_can_be_recorded() -> None:
    values = [
        (findings, finding, leg, value)
        for findings in random_exams()
        for finding, leg, value in recorded(findings)
    ]
    assert {(finding, leg) for _, finding, leg, _ in values} == set(observable())
    blurred = {value for _, finding, _, value in values if len(weights_of(finding, value)) > 1}
    mixtures = read("instrument")["blends"].items()
    assert blurred == {"weak", *(grade for grade, mixed in mixtures if isinstance(mixed, dict))}
    early = {finding for findings, finding, _, _ in values if is_too_early(findings, finding)}
    assert early == set(read("instrument")["timing"]["first_day"])
    classes = list(range(len(force_deficits())))
    assert [force_class(deficit) for deficit in force_deficits()] == classes
    assert {force_of(findings) for findings in random_exams()} == {None, *classes}
