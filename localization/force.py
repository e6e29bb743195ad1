"""Forces measured with a dynamometer: trials made one value, per kilogram, and beside the other leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localization.catalogue import Finding
from localization.knowledge import read


def most_trials(finding: Finding) -> int:
    """Return how many trials one value of this finding may hold; 1 where it is no measured force."""
    trials = read("force")["trials"]
    return int(trials["most"]) if finding.scale.id == trials["scale"] else 1


def force_rules() -> tuple[str, ...]:
    """Return the ids of what several trials may be made: the best one, or their mean."""
    return tuple(read("force")["trials"]["rule"])


def from_trials(trials: Sequence[str], rule: str) -> str:
    """Return as a token what trials in newtons come to by a rule; raises KeyError for another rule."""
    numbers = [float(trial) for trial in trials]
    value = {"best": max(numbers), "mean": sum(numbers) / len(numbers)}[rule]
    return f"{value:.1f}".removesuffix(".0")


def trials_hint(finding: Finding, rule: str) -> str:
    """Return how several trials are typed and what is made of them; empty where there is one value only."""
    table = read("force")["trials"]
    return str(table["hint"][rule]).format(most=table["most"]) if most_trials(finding) > 1 else ""


def told_trials(trials: Sequence[str], rule: str) -> str:
    """Return the trials as they stand beside their value, such as “best of 3: 112, 118, 109 N”."""
    table = read("force")["trials"]
    words = str(table["rule"][rule])
    return words.format(n=len(trials), trials=", ".join(trials), unit="N")


def per_kg(force: str, mass: str) -> str:
    """Return a force in newtons per kilogram of body mass in words; empty without a usable mass."""
    kilograms = float(mass or "0")
    if not kilograms:
        return ""
    return str(read("force")["words"]["per_kg"]).format(number=f"{float(force) / kilograms:.2f}")


def side_difference(force: str, other: str) -> str:
    """Return which zone the difference to the stronger leg falls into; empty for the leg that is not weaker.

    Zones follow healthy legs, which differ by far more than a tenth: see `force.toml`.
    """
    weaker, stronger = float(force), float(other)
    if weaker >= stronger:
        return ""
    # Rounded, so that 75 of 100 is a whole quarter in spite of binary fractions.
    percent = round(100 * (stronger - weaker) / stronger, 6)
    met = [zone for zone in read("force")["side"] if _holds(zone, percent)]
    return str(met[-1]["verdict"])


def _holds(zone: Mapping[str, Any], percent: float) -> bool:
    if "over_percent" in zone:
        return percent > float(zone["over_percent"])
    return percent >= float(zone["from_percent"])
