"""The simpler methods that the engine is measured beside, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from localization.evaluation.baselines_bayes import naive_bayes
from localization.evaluation.baselines_lesion import smallest_lesion
from localization.evaluation.baselines_prior import Method, prior_alone
from localization.evaluation.baselines_rules import garden_hose, textbook_tree
from localization.knowledge import read

# Each takes findings and setting, and returns a share above 0 and below 1 for every site, summing to 1.
BASELINES: Mapping[str, Method] = MappingProxyType(
    {
        "prior": prior_alone,
        "garden_hose": garden_hose,
        "textbook_tree": textbook_tree,
        "smallest_lesion": smallest_lesion,
        "naive_bayes": naive_bayes,
    }
)


def words_of(name: str) -> dict[str, str]:
    """Return what a method is called in tables, and one sentence about it."""
    table = read("baselines")["baseline"][name]
    return {"label": table["label"], "about": table["about"]}


__all__ = ["BASELINES", "words_of"]
