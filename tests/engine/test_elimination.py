"""Summing axis by axis gives what summing over every combination gives, for all that the answer asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localization import CATALOGUE, SETTINGS
from localization.catalogue import Value
from localization.elimination import STRANDS, Shares, laid, strand_of
from localization.findings import Findings, Leg
from localization.foresight import candidates, foreseen, value_starts
from localization.knowledge import read
from localization.likelihood import likelihood, weighs
from localization.posterior import Fact, believe, fact_of, facts_of
from localization.states import AXES, BACKGROUND, HIP, INNER, PAIN, Array, states
from tests.engine.exams import Exam, exams

SETTING = "physiotherapy_clinic"
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def weights_of_all(facts: tuple[Fact, ...], setting: str) -> tuple[Array, Array]:
    """Return P(state and facts) of every single combination, for a typical and for an atypical patient."""
    shares = read("priors")["prior"][setting]["sites"]
    atypical = read("instrument")["atypical"]["probability"]
    prior = states().prior * states().per_lesion([shares[one.pattern.site] for one in states().lesions])
    kinds = (1.0 - atypical) * prior, atypical * prior
    for fact in facts:
        kinds = kinds[0] * np.exp(fact.typical), kinds[1] * np.exp(fact.atypical)
    return kinds


def per_site(kinds: tuple[Array, Array]) -> Array:
    """Return P(site) from the weights of all combinations."""
    by_lesion = (kinds[0] + kinds[1]).sum(axis=INNER)
    by_site: Array = np.add.reduceat(by_lesion, states().site_starts) / by_lesion.sum()
    return by_site


@few
@given(exams(), st.sampled_from(sorted(SETTINGS)))
def test_the_posterior_is_that_of_all_combinations(exam: Exam, setting: str) -> None:
    facts = facts_of(exam.findings())
    belief, plain = believe(facts, setting), weights_of_all(facts, setting)
    assert np.abs(belief.per_site() - per_site(plain)).max() <= 1e-12
    by_lesion = (plain[0] + plain[1]).sum(axis=INNER)
    by_pattern = np.add.reduceat(by_lesion, states().pattern_starts) / by_lesion.sum()
    assert np.abs(belief.per_pattern() - by_pattern).max() <= 1e-12
    assert belief.shares.log_evidence == pytest.approx(np.log(by_lesion.sum()), abs=1e-9)


@few
@given(exams())
def test_leaving_a_fact_out_is_the_posterior_without_it(exam: Exam) -> None:
    facts = facts_of(exam.findings())
    whole = believe(facts, SETTING)
    evidence = sum(kind.sum() for kind in weights_of_all(facts, SETTING))
    for place, fact in enumerate(facts):
        others = weights_of_all((*facts[:place], *facts[place + 1 :]), SETTING)
        chances, predicted = whole.without(fact)
        assert np.abs(chances - per_site(others)).max() <= 1e-12
        assert predicted == pytest.approx(evidence / (others[0].sum() + others[1].sum()), rel=1e-9)


@few
@given(exams())
def test_changing_a_fact_is_the_posterior_with_the_other_value(exam: Exam) -> None:
    findings = exam.findings()
    facts = facts_of(findings)
    whole = believe(facts, SETTING)
    for place, fact in enumerate(facts):
        for token in CATALOGUE[fact.finding].scale.tokens:
            other = fact_of(findings, fact.finding, fact.leg, token)
            others = weights_of_all((*facts[:place], other, *facts[place + 1 :]), SETTING)
            assert np.abs(whole.changed(fact, other) - per_site(others)).max() <= 1e-12


@few
@given(exams())
def test_every_test_is_foreseen_as_all_combinations_have_it(exam: Exam) -> None:
    facts = facts_of(exam.findings())
    typical, atypical = weights_of_all(facts, SETTING)
    whole = typical.sum() + atypical.sum()
    joint = foreseen(believe(facts, SETTING).shares)
    for start, candidate in zip(value_starts().tolist(), candidates(), strict=True):
        for place in range(len(candidate.table.values)):
            told = (
                typical * candidate.table.typical[..., place]
                + atypical * candidate.table.atypical[..., place]
            )
            by_site = np.add.reduceat(told.sum(axis=INNER), states().site_starts) / whole
            assert np.abs(joint[start + place] - by_site).max() <= 1e-12, (candidate.finding.id, place)


@few
@given(exams(), st.lists(st.booleans(), min_size=AXES, max_size=AXES))
def test_what_is_summed_to_any_axes_of_a_strand_sums_to_one(exam: Exam, kept: list[bool]) -> None:
    shares = believe(facts_of(exam.findings()), SETTING).shares
    lengths = states().prior.shape
    for strand in STRANDS:
        inner = [
            lengths[axis] if keep and axis in (1, *strand) else 1 for axis, keep in enumerate(kept) if axis
        ]
        over = shares.over((2, *inner, lengths[0]))
        assert list(over.shape) == [2, *inner, lengths[0]]
        assert over.sum() == pytest.approx(1.0, abs=1e-12)


def test_every_table_lies_within_one_strand() -> None:
    for name, finding in CATALOGUE.findings.items():
        legs: tuple[Leg | None, ...] = ("index", "contra") if finding.sided else (None,)
        for leg in legs if weighs(name) else ():
            table = likelihood(name, leg).typical[..., 0]
            assert strand_of(laid(table, table).shape) in ((), *STRANDS)


@pytest.mark.parametrize("joined", [(PAIN, HIP), (BACKGROUND, PAIN), (BACKGROUND, HIP)])
def test_a_table_that_joins_two_strands_is_refused(joined: tuple[int, int]) -> None:
    shape = [1] * AXES
    for axis in joined:
        shape[axis] = 2
    table = np.zeros(shape)
    with pytest.raises(ValueError, match=r"joins the axes \[.*Make them one strand"):
        Shares.of(np.zeros((2, *[1] * (AXES - 1), len(states().lesions))), [laid(table, table)])


def test_facts_are_shared_and_their_order_is_that_of_the_catalogue() -> None:
    leg: dict[str, Value] = {"hip_abduction": "4", "ankle_dorsiflexion": "2"}
    one, other = (
        facts_of(Findings.build(left=dict(items))) for items in (leg.items(), reversed(leg.items()))
    )
    assert all(first is second for first, second in zip(one, other, strict=True))
