"""What the answer says beside the level: its limits are in range, and every band has its observed count."""

from __future__ import annotations

from collections.abc import Iterator

from localization.knowledge import read
from localization.sites import bands

# Figures of answer.toml: the lowest value, and the highest that still means something.
LIMITS = {
    "second_lesion.least_ratio": (1.0, 1000.0),
    "next_tests.least_gain_bits": (0.0, 1.0),
    "next_tests.position_minutes": (0.0, 10.0),
    "settled.least_likely": (0.0, 0.5),
    "recorded_change.least_odds": (0.0, 1.0),
    "observed.least_shown": (1.0, 100.0),
}


def answer_is_in_range() -> Iterator[str]:
    """Yield figures of answer.toml that are missing, unknown or outside their range."""
    found = {
        f"{kind}.{name}": figure
        for kind, table in read("answer").items()
        if isinstance(table, dict)
        for name, figure in table.items()
        if isinstance(figure, (int, float))
    }
    for name, (low, high) in LIMITS.items():
        if name not in found or not low <= found[name] <= high:
            yield f"answer.{name}: {found.get(name, 'nothing')} is given; {low:g} to {high:g} is needed"
    for name in found.keys() - LIMITS.keys():
        yield f"answer.{name}: nothing reads it. Allowed: {', '.join(LIMITS)}"


def bands_have_counts() -> Iterator[str]:
    """Yield bands without a count, counts without a band, and those of more than the patients could give."""
    counted, named = read("observed")["band"], [band.id for band in bands()[:-1]]
    if list(counted) != named:
        yield f"observed.band: {', '.join(counted)} are counted; {', '.join(named)} are needed"
    most = read("instrument")["placing"]["ranked_most"]
    for name, row in counted.items():
        if row["n"] > row["patients"] * most:
            yield f"observed.band.{name}: {row['n']} sites are more than {row['patients']} reports can show"
