"""The front door of the localization package: what can be observed, what it points to, and why."""

from __future__ import annotations

from collections.abc import Collection

from localization.anatomy import skin_roots
from localization.catalogue import (
    Catalogue,
    Choice,
    Finding,
    FindingError,
    Scale,
    ScaleValue,
    Value,
    catalogue,
)
from localization.change import SmallestChange, fell, measured, one_visit, smallest_change, told_change
from localization.drawing import MarkSite, MuscleMark, Pathway, pathway
from localization.findings import DECIDING, Findings, Leg, Side
from localization.force import (
    force_rules,
    from_trials,
    most_trials,
    per_kg,
    side_difference,
    told_trials,
    trials_hint,
)
from localization.knowledge import KnowledgeVersion, knowledge_version, read
from localization.redflags import Cited, RedFlag, red_flag_findings, red_flag_questions, red_flags
from localization.report import (
    Leading,
    Missing,
    NextTest,
    RankedLevel,
    RankedSite,
    Reason,
    Report,
    SecondLesion,
)
from localization.sites import (
    Band,
    NextStep,
    Site,
    Source,
    all_sites_steps,
    bands,
    phrases,
    sites,
    sources,
    urgencies,
)
from localization.tripwire import Tripwire, central_tripwire
from localization.walking import usual_walk

VERSION = "0.2.0"
CATALOGUE = catalogue()
SITES = sites()
BANDS = bands()
PHRASES = phrases()
ALL_SITES_STEPS = all_sites_steps()
URGENCIES = urgencies()
SOURCES = sources()
SETTINGS = {
    name: Choice(id=name, label=table["label"], definition=table["definition"])
    for name, table in read("wording")["setting"].items()
}
DEFAULT_SETTING = next(iter(SETTINGS))


def localize(
    findings: Findings,
    *,
    setting: str = DEFAULT_SETTING,
    position: str = "",
    set_aside: Collection[str] = (),
) -> Report:
    """Return where the lesion most likely lies and why, for a clinic of this kind.

    `position` is the one the patient is in, so that the next tests spare turns; empty when not known.
    `set_aside` names findings that are not to be tested, such as those that could not be: none is a next
    test, and the stop signal does not wait for them. Raises ValueError for a setting that is not in SETTINGS,
    or a position the catalogue does not know. The same arguments always give the same report.
    """
    from localization.engine import answer  # noqa: PLC0415 - NumPy is loaded with the first answer, not before

    positions = [choice.id for choice in CATALOGUE.positions]
    if position and position not in positions:
        message = f"“{position}” is not a position. Allowed: {', '.join(positions)}."
        raise ValueError(message)
    return answer(findings, setting=setting, position=position, set_aside=frozenset(set_aside))


__all__ = [
    "ALL_SITES_STEPS",
    "BANDS",
    "CATALOGUE",
    "DECIDING",
    "DEFAULT_SETTING",
    "PHRASES",
    "SETTINGS",
    "SITES",
    "SOURCES",
    "URGENCIES",
    "VERSION",
    "Band",
    "Catalogue",
    "Choice",
    "Cited",
    "Finding",
    "FindingError",
    "Findings",
    "KnowledgeVersion",
    "Leading",
    "Leg",
    "MarkSite",
    "Missing",
    "MuscleMark",
    "NextStep",
    "NextTest",
    "Pathway",
    "RankedLevel",
    "RankedSite",
    "Reason",
    "RedFlag",
    "Report",
    "Scale",
    "ScaleValue",
    "SecondLesion",
    "Side",
    "Site",
    "SmallestChange",
    "Source",
    "Tripwire",
    "Value",
    "central_tripwire",
    "fell",
    "force_rules",
    "from_trials",
    "knowledge_version",
    "localize",
    "measured",
    "most_trials",
    "one_visit",
    "pathway",
    "per_kg",
    "red_flag_findings",
    "red_flag_questions",
    "red_flags",
    "side_difference",
    "skin_roots",
    "smallest_change",
    "told_change",
    "told_trials",
    "trials_hint",
    "usual_walk",
]
