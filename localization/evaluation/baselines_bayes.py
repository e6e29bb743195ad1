"""Naive Bayes: the engine's own figures, each finding weighed by itself as if no two shared a cause."""

from __future__ import annotations

import numpy as np

from localization.evaluation.baselines_prior import Chances, mixed, prior_of, shares
from localization.findings import Findings
from localization.knowledge import read
from localization.posterior import Fact, facts_of
from localization.sites import sites
from localization.states import INNER, Array, states


def naive_bayes(findings: Findings, setting: str) -> Chances:
    """Return prior times the tempered product of P(each value | site); what was not tested has no factor."""
    figures = read("baselines")["naive_bayes"]
    prior = prior_of(setting)
    weights = np.log([prior[site] for site in sites()])
    for fact in facts_of(findings):
        weights += figures["temper"] * np.log(per_site(fact))
    heights = np.exp(weights - weights.max())
    chances = shares(dict(zip(sites(), heights.tolist(), strict=True)))
    return mixed(chances, 1.0 - figures["atypical"], setting)


def per_site(fact: Fact) -> Array:
    """Return P(the recorded value | site), summed over the hidden states and both kinds of patient."""
    chance = read("instrument")["atypical"]["probability"]
    told = (1.0 - chance) * np.exp(fact.typical) + chance * np.exp(fact.atypical)
    result: Array = np.add.reduceat((states().prior * told).sum(axis=INNER), states().site_starts)
    return result
