"""One patient's findings: validated, immutable, and seen from the side of the weaker foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from localization.catalogue import Finding, FindingError, Value, catalogue

Side = Literal["left", "right"]
Leg = Literal["index", "contra"]

OTHER_SIDE: Mapping[Side, Side] = MappingProxyType({"left": "right", "right": "left"})
DECIDING = "ankle_dorsiflexion"
NAMED = "side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found in one patient. A finding that was not tested is absent from all three mappings.

    `index` is the leg with the weaker dorsiflexion; equal, the side that was named; equal still, the leg
    named first; else left.
    `sides_known` is False when the source names no single side: then texts say affected and other side.
    """

    unsided: Mapping[str, Value]
    left: Mapping[str, Value]
    right: Mapping[str, Value]
    index: Side
    sides_known: bool = True

    @classmethod
    def build(
        cls,
        *,
        unsided: Mapping[str, Value] | None = None,
        left: Mapping[str, Value] | None = None,
        right: Mapping[str, Value] | None = None,
        sides_known: bool = True,
        named_first: Side | None = None,
    ) -> Findings:
        """Return validated findings; raises FindingError naming the finding and the values allowed.

        `named_first` is the leg that the examiner calls the worse one: it is the index leg when no single
        side is named and the two dorsiflexion grades cannot be compared: equal, or not recorded on one leg
        or both. It never outweighs a lower grade.
        """
        once = _checked(unsided or {}, sided=False)
        on_left = _checked(left or {}, sided=True)
        on_right = _checked(right or {}, sided=True)
        return cls(
            unsided=MappingProxyType(once),
            left=MappingProxyType(on_left),
            right=MappingProxyType(on_right),
            index=_index_side(once, on_left, on_right, named_first),
            sides_known=sides_known,
        )

    @classmethod
    def from_case(cls, table: Mapping[str, Any]) -> Findings:
        """Return the findings of a case file's [findings] table: plain ids are the side it names."""
        if not isinstance(table, Mapping):
            raise FindingError("findings", "[findings] is not a table of findings.")
        contra = table.get("contra", {})
        if not isinstance(contra, Mapping):
            raise FindingError("contra", "[findings.contra] is not a table of findings.")
        plain = {name: value for name, value in table.items() if name != "contra"}
        sided = {name: value for name, value in plain.items() if catalogue()[name].sided}
        unsided = {name: value for name, value in plain.items() if name not in sided}
        named = unsided.get(NAMED)
        if named == "right":
            return cls.build(unsided=unsided, left=contra, right=sided)
        return cls.build(unsided=unsided, left=sided, right=contra, sides_known=named == "left")

    def leg(self, side: Side) -> Mapping[str, Value]:
        """Return the sided findings of one leg."""
        return self.left if side == "left" else self.right

    def side_of(self, leg: Leg) -> Side:
        """Return which side the index or the other leg is."""
        return self.index if leg == "index" else OTHER_SIDE[self.index]

    @property
    def index_values(self) -> Mapping[str, Value]:
        """The sided findings of the leg with the weaker dorsiflexion."""
        return self.leg(self.index)

    @property
    def contra_values(self) -> Mapping[str, Value]:
        """The sided findings of the other leg."""
        return self.leg(OTHER_SIDE[self.index])

    @property
    def count(self) -> int:
        """How many values were recorded in all."""
        return len(self.unsided) + len(self.left) + len(self.right)

    def has(self, finding: str) -> bool:
        """Return whether the finding was recorded, on either leg if it is sided."""
        return finding in self.unsided or finding in self.left or finding in self.right


def _checked(values: Mapping[str, Any], *, sided: bool) -> dict[str, Value]:
    for name in values:
        finding = catalogue()[name]
        if finding.sided != sided:
            where = "once, not for each leg" if sided else "for the left and the right leg"
            message = f"{finding.label} ({name}) is recorded {where}."
            raise FindingError(name, message)
    in_order = (finding for name, finding in catalogue().findings.items() if name in values)
    return {finding.id: finding.check(values[finding.id]) for finding in in_order}


def _index_side(
    unsided: Mapping[str, Value],
    left: Mapping[str, Value],
    right: Mapping[str, Value],
    named_first: Side | None,
) -> Side:
    weaker = _weaker(catalogue()[DECIDING], left.get(DECIDING), right.get(DECIDING))
    if weaker is not None:
        return weaker
    if unsided.get(NAMED) == "left":
        return "left"
    if unsided.get(NAMED) == "right":
        return "right"
    if named_first is not None:
        return named_first
    return _only_weak(left.get(DECIDING), right.get(DECIDING))


def weaker_leg(findings: Findings) -> Side | None:
    """Return the leg with the weaker dorsiflexion, None when the two grades cannot be told apart."""
    return _weaker(catalogue()[DECIDING], findings.left.get(DECIDING), findings.right.get(DECIDING))


def _weaker(finding: Finding, left: Value | None, right: Value | None) -> Side | None:
    """Return the side with the lower grade, None when the two cannot be told apart."""
    if left is None or right is None:
        return None
    ranks = [finding.scale.value(str(grade)).rank for grade in (left, right)]
    normal = [finding.state_of(grade) == "normal" for grade in (left, right)]
    if normal[0] != normal[1]:
        return "right" if normal[0] else "left"
    if ranks[0] is None or ranks[1] is None or ranks[0] == ranks[1]:
        return None
    return "left" if ranks[0] < ranks[1] else "right"


def _only_weak(left: Value | None, right: Value | None) -> Side:
    finding = catalogue()[DECIDING]
    weak_right = right is not None and finding.state_of(right) == "abnormal"
    weak_left = left is not None and finding.state_of(left) == "abnormal"
    return "right" if weak_right and not weak_left else "left"
