"""The knowledge against itself: every id, source, sum and figure; each problem is one line of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from localization.evaluation import published
from localization.selfcheck import (
    beside,
    chances,
    entries,
    fields,
    firing,
    marks,
    methods,
    ranges,
    reach,
    rules,
    simulated,
    structure,
    weighing,
)

Check = Callable[[], Iterator[str]]

# Every check, in the order in which its problems are printed. A new knowledge file gets a function here.
CHECKS: tuple[Check, ...] = (
    marks.sources_exist,
    marks.numbers_are_marked,
    fields.entries_have_their_fields,
    entries.findings_are_whole,
    entries.guards_can_be_asked,
    entries.scales_are_whole,
    entries.sites_are_whole,
    entries.pairs_are_sites,
    entries.names_are_used,
    rules.rules_can_be_read,
    rules.holds_lower_their_rule,
    structure.supply,
    structure.movements,
    structure.drawing,
    structure.lesion_patterns,
    chances.priors,
    chances.likelihoods,
    chances.choices,
    chances.profiles,
    ranges.patterns_are_in_range,
    ranges.instrument_is_in_range,
    ranges.blends_are_grades,
    ranges.instrument_names_exist,
    ranges.laboratory_days_agree,
    firing.red_flags_can_fire,
    firing.holds_can_be_met,
    firing.tripwire_can_fire,
    firing.notices_can_show,
    beside.answer_is_in_range,
    beside.bands_have_counts,
    simulated.drawing_of_patients,
    published.faults,
    methods.methods,
)


# Checks that ask the engine itself: an answer means something only where the files agree.
BY_ANSWER: tuple[Check, ...] = (
    weighing.values_are_read,
    weighing.findings_tell_sites_apart,
    reach.patterns_speak_for_their_site,
    reach.sites_can_lead,
    reach.details_can_be_named,
)


def problems() -> list[str]:
    """Return everything that is wrong with the knowledge files, empty when they agree."""
    found = [problem for check in CHECKS for problem in _seen_by(check)]
    return found or [problem for check in BY_ANSWER for problem in _seen_by(check)]


def _seen_by(check: Check) -> list[str]:
    """Return what one check finds; a file that it cannot read to the end is a problem itself."""
    found: list[str] = []
    try:
        found.extend(check())
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
        found.append(
            f"{name}: stopped by {type(error).__name__} {error}; an entry is missing or of another kind"
        )
    return found
