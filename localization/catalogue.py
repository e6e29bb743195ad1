"""The catalogue: every finding that can be observed, and the scale on which it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast

from localization.knowledge import read

Value: TypeAlias = str | float
State: TypeAlias = Literal["abnormal", "normal", "neutral"]


class FindingError(ValueError):
    """A finding or value that the catalogue does not know; `message` is a sentence a user can read."""

    def __init__(self, finding: str, message: str) -> None:
        super().__init__(message)
        self.finding = finding
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a short list: an id, its label and what it means."""

    id: str
    label: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confounder(Choice):
    """Something else that may explain a result, with the groups of findings it can affect."""

    affects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleValue:
    """One value of a scale: the stored token and the words for it. `rank` orders graded scales."""

    token: str
    label: str
    caption: str
    meaning: str
    offered: bool
    state: State
    rank: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How a finding is read: by choosing one of `values`, or as a number in `unit` within its limits."""

    id: str
    kind: Literal["choice", "number"]
    values: tuple[ScaleValue, ...]
    note: str
    unit: str
    minimum: float | None
    maximum: float | None

    def value(self, token: str) -> ScaleValue:
        """Return the value with this token; raises KeyError."""
        for value in self.values:
            if value.token == token:
                return value
        raise KeyError(token)

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens a file may hold, offered on screens or not."""
        return tuple(value.token for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The one question about technique that would falsify a value; “yes” is the technique as described.

    `falsifies` is what the trap can fake: all values of a state, any value, or the values that it lists.
    """

    question: str
    falsifies: Literal["abnormal", "normal", "any"] | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that can be observed: what it is called, how it is tested and how it is read.

    `timed_metres` is the distance of a timed walk; its seconds are read back with the speed.
    """

    id: str
    label: str
    plain_label: str
    detail: str
    group: str
    scale: Scale
    sided: bool
    abnormal: str
    position: str
    position_alt: str
    minutes: float
    how: tuple[str, ...]
    grade_note: str
    trap: str
    tells_apart: str
    ask: str
    source: tuple[str, ...]
    timed_metres: float | None = None
    guard: Guard | None = None

    def check(self, token: str | float) -> Value:
        """Return the accepted value of `token`; raises FindingError naming finding and allowed values."""
        if self.scale.kind == "number":
            return self._number(token)
        if isinstance(token, str) and token in self.scale.tokens:
            return token
        allowed = ", ".join(self.scale.tokens)
        message = f"{self.label} ({self.id}): “{token}” is not one of its values. Allowed: {allowed}."
        raise FindingError(self.id, message)

    def guarded(self, token: str) -> bool:
        """Return whether the trap can fake this value, so that its guard is asked; False without a guard."""
        if self.guard is None or token not in self.scale.tokens:
            return False
        fakes = self.guard.falsifies
        return token in fakes if isinstance(fakes, tuple) else fakes in ("any", self.state_of(token))

    def _number(self, token: str | float) -> float:
        low, high, unit = self.scale.minimum, self.scale.maximum, self.scale.unit
        allowed = f"Allowed: a number from {low:g} to {high:g} {unit}."
        try:
            if isinstance(token, bool):
                raise TypeError(token)  # noqa: TRY301 - a truth value is no measurement
            number = float(token)
        except (OverflowError, TypeError, ValueError) as error:
            message = f"{self.label} ({self.id}): “{token}” is not a number. {allowed}"
            raise FindingError(self.id, message) from error
        if low is not None and high is not None and low <= number <= high:
            return number
        message = f"{self.label} ({self.id}): {token} is outside its range. {allowed}"
        raise FindingError(self.id, message)

    def value_label(self, token: Value) -> str:
        """Return the words in which a value is read back, with its unit for numbers."""
        if self.scale.kind == "number":
            return f"{float(token):g} {self.scale.unit}{self._speed(float(token))}".replace("-", "−")
        return self.scale.value(str(token)).label

    def _speed(self, seconds: float) -> str:
        """Return the speed of a timed walk as an addition to its seconds, empty for any other number."""
        return f" ({self.timed_metres / seconds:.2f} m/s)" if self.timed_metres and seconds else ""

    def state_of(self, token: Value) -> State:
        """Return whether a value is abnormal, normal or neither, as the signs beside it show."""
        if self.scale.kind == "number":
            return "neutral"
        if self.abnormal:
            answers: dict[str, State] = {"yes": "abnormal", "no": "normal"}
            if self.abnormal == "neutral":
                return "neutral"
            return answers[str(token)] if self.abnormal == "yes" else answers[_other(str(token))]
        return self.scale.value(str(token)).state


def _other(answer: str) -> str:
    return {"yes": "no", "no": "yes"}[answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All findings in catalogue order, with their scales and the words for not being able to test."""

    version: str
    findings: Mapping[str, Finding]
    scales: Mapping[str, Scale]
    groups: tuple[Choice, ...]
    positions: tuple[Choice, ...]
    reasons_not_tested: tuple[Choice, ...]
    confounders: tuple[Confounder, ...]

    def __getitem__(self, finding: str) -> Finding:
        """Return the finding with this id; raises FindingError with a sentence for the user."""
        found = self.findings.get(finding)
        if found is None:
            message = f"“{finding}” is not a finding of the catalogue. Allowed: {', '.join(self.findings)}."
            raise FindingError(finding, message)
        return found

    def __contains__(self, finding: object) -> bool:
        return finding in self.findings

    def position(self, position: str) -> Choice:
        """Return the position with this id; raises KeyError."""
        return {choice.id: choice for choice in self.positions}[position]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue, read once from `findings.toml` and `scales.toml`."""
    findings, shared = read("findings"), read("scales")
    scales = {name: _scale(name, table) for name, table in shared["scale"].items()}
    return Catalogue(
        version=findings["version"],
        findings=MappingProxyType(
            {name: _finding(name, table, scales) for name, table in findings["finding"].items()}
        ),
        scales=MappingProxyType(scales),
        groups=_choices(shared["group"]),
        positions=_choices(shared["position"]),
        reasons_not_tested=_choices(shared["could_not_test"]),
        confounders=tuple(
            Confounder(
                id=row["id"],
                label=row["label"],
                definition=row["definition"],
                affects=tuple(row["affects"]),
            )
            for row in shared["confounder"]
        ),
    )


def _choices(rows: list[dict[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(id=row["id"], label=row["label"], definition=row["definition"]) for row in rows)


def _scale(name: str, table: Mapping[str, Any]) -> Scale:
    return Scale(
        id=name,
        kind=table["kind"],
        note=table["note"],
        unit=table.get("unit", ""),
        minimum=table.get("minimum"),
        maximum=table.get("maximum"),
        values=tuple(
            ScaleValue(
                token=row["token"],
                label=row["label"],
                caption=row.get("caption", ""),
                meaning=row["meaning"],
                offered=row.get("offered", True),
                state=cast("State", row["state"]),
                rank=row.get("rank"),
            )
            for row in table.get("value", ())
        ),
    )


def _guard(table: Mapping[str, Any]) -> Guard:
    fakes = table["falsifies"]
    return Guard(question=table["question"], falsifies=tuple(fakes) if isinstance(fakes, list) else fakes)


def _finding(name: str, table: Mapping[str, Any], scales: Mapping[str, Scale]) -> Finding:
    return Finding(
        id=name,
        label=table["label"],
        plain_label=table["plain_label"],
        detail=table.get("detail", ""),
        group=table["group"],
        scale=scales[table["scale"]],
        sided=table["sided"],
        abnormal=table.get("abnormal", ""),
        position=table["position"],
        position_alt=table.get("position_alt", ""),
        minutes=table["minutes"],
        how=tuple(table["how"]),
        grade_note=table.get("grade_note", ""),
        trap=table.get("trap", ""),
        tells_apart=table["tells_apart"],
        ask=table.get("ask", ""),
        source=tuple(table["source"]),
        timed_metres=table.get("timed_metres"),
        guard=_guard(table["guard"]) if "guard" in table else None,
    )
