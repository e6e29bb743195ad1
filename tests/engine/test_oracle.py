"""The engine's posterior is that of an independent library for exact inference, on the same model."""

from __future__ import annotations

import random
from functools import cache

import pytest

from localization import CATALOGUE, SETTINGS, SITES, Finding, Findings, Value, foresight
from localization.casefile import Case
from localization.knowledge import read
from localization.likelihood import weights_of
from localization.posterior import believe, fact_of, facts_of, posterior
from tests.engine import oracle
from tests.engine.cases import PATHS, published
from tests.engine.network import (
    FORCE,
    force_class,
    force_deficits,
    force_of,
    is_too_early,
    node_in,
    node_of,
    observable,
    recorded,
    told,
)

LARGEST = 1e-9
EXAMS = 1000
EXAMS_IN_DETAIL = 40


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


def a_few_exams(setting: str) -> tuple[Findings, ...]:
    return random_exams()[list(SETTINGS).index(setting) : EXAMS_IN_DETAIL : len(SETTINGS)]


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
    for findings in a_few_exams(setting):
        facts, known = facts_of(findings), oracle.patient(findings, setting)
        belief = believe(facts, setting)
        for fact in facts[:: 1 + len(facts) // 5]:
            node = node_in(findings, fact.finding, fact.leg)
            others = {name: value for name, value in known.items() if name != node}
            sites, chance = belief.without(fact)
            assert abs(sites - oracle.chances_of("site", others)).max() <= LARGEST, fact
            assert abs(chance - oracle.chance_of(node, known[node], others)) <= LARGEST, fact


@pytest.mark.parametrize("setting", SETTINGS)
def test_another_value_of_any_finding_gives_the_oracles_posterior_with_it(setting: str) -> None:
    chance = random.Random(setting)  # noqa: S311 - no secret
    for findings in a_few_exams(setting):
        facts, known = facts_of(findings), oracle.patient(findings, setting)
        belief = believe(facts, setting)
        for fact in facts[:: 1 + len(facts) // 5]:
            if fact.finding == FORCE:
                continue
            value = random_value(chance, CATALOGUE[fact.finding])
            changed = belief.changed(fact, fact_of(findings, fact.finding, fact.leg, value))
            node = node_in(findings, fact.finding, fact.leg)
            theirs = oracle.chances_of("site", known | {node: told(fact.finding, fact.leg, value)})
            assert abs(changed - theirs).max() <= LARGEST, (fact, value)


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_a_next_test_may_show_is_foreseen_as_by_the_oracle(setting: str) -> None:
    chance = random.Random(setting)  # noqa: S311 - no secret
    for findings in a_few_exams(setting):
        known = oracle.patient(findings, setting)
        foreseen = foresight.foreseen(believe(facts_of(findings), setting).shares)
        for place, start in chance.sample(list(enumerate(foresight.value_starts().tolist())), 6):
            test = foresight.candidates()[place]
            node = node_of(test.finding.id, "index" if test.finding.sided else None)
            if findings.has(test.finding.id):
                continue
            shares = oracle.chances_of(node, known)
            for row, value in enumerate(test.table.values):
                theirs = shares[row] * oracle.chances_of("site", known | {node: value})
                assert abs(foreseen[start + row] - theirs).max() <= LARGEST, (node, value)


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
