"""What drawing a patient needs is whole: an oldest age, and days of the nerve study with their shares."""

from __future__ import annotations

from collections.abc import Iterator

from localization.catalogue import FindingError, catalogue
from localization.knowledge import read
from localization.selfcheck.shares import sums_to_one
from localization.tables import choice_values


def drawing_of_patients() -> Iterator[str]:
    """Yield an oldest age below the last age group, days without a share, and values out of range."""
    oldest, study = read("simulation")["age"]["oldest"], read("simulation")["study"]
    if oldest < max(float(group) for group in choice_values("age")):
        yield "simulation.age: the oldest age lies below the last age group"
    if len(study["day"]) != len(study["share"]):
        yield "simulation.study: one share for each day is needed"
    yield from sums_to_one("simulation.study.share", study["share"])
    for name, numbers in (("age", [oldest]), ("days_onset_to_edx", study["day"])):
        for number in numbers:
            try:
                catalogue()[name].check(number)
            except FindingError as error:
                yield f"simulation: {error.message}"
