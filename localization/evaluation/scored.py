"""One case with the probabilities that a method gave it, and what they earn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localization.casefile import Case
from localization.sites import sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One case with the probability it was given for every site."""

    case: Case
    chances: Mapping[str, float]

    @property
    def order(self) -> list[str]:
        """The sites, most probable first."""
        return sorted(self.chances, key=lambda site: -self.chances[site])

    @property
    def accepted(self) -> float:
        """The probability of the accepted sites together."""
        return sum(self.chances[site] for site in self.case.accepted)

    @property
    def confidence(self) -> float:
        """The probability of the first site."""
        return self.chances[self.order[0]]

    def right(self, places: int) -> bool:
        """Return whether an accepted site is among the first `places`."""
        return any(site in self.case.accepted for site in self.order[:places])

    @property
    def level_right(self) -> bool:
        """Whether the first site lies in the level group of an accepted site."""
        return sites()[self.order[0]].group in {sites()[site].group for site in self.case.accepted}

    @property
    def brier(self) -> float:
        """The squared error, the accepted sites taken together as one class."""
        others = (self.chances[site] for site in self.chances if site not in self.case.accepted)
        return (1.0 - self.accepted) ** 2 + sum(chance**2 for chance in others)
