"""Estimates how long recording an exam takes by the keystroke-level model, from its steps and scales.

What is estimated is the recording alone: not the examining, not the own impression, not signing. Waiting
for the site is left out too: answers are saved while the person goes on.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

django.setup()

from exams.bulk import fill_of, rest_of  # noqa: E402 - models can be loaded only after set-up
from exams.models import Exam  # noqa: E402
from exams.steps import Step, steps_for  # noqa: E402
from localization import Finding  # noqa: E402

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SECONDS = {name: float(entry["seconds"]) for name, entry in TABLE["operator"].items()}
NUMBER_KEYS = int(TABLE["assumed"]["number_keys"])
LABORATORY = "laboratory"
FILL_KEYS, REST_KEYS = 2, 3  # F and Yes; M, the reason's letter and Enter
STUDY = "a timed study with physiotherapists: by hand, not done"


@dataclass(frozen=True, slots=True)
class Work:
    """What a person does: operators, and how many answers come of it."""

    keys: int = 0
    taps: int = 0
    acts: int = 0
    hands: int = 0
    answers: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.keys + other.keys,
            self.taps + other.taps,
            self.acts + other.acts,
            self.hands + other.hands,
            self.answers + other.answers,
        )

    @property
    def seconds(self) -> float:
        """The estimate of the keystroke-level model."""
        counts = {"K": self.keys, "P": self.taps, "M": self.acts, "H": self.hands}
        return sum(SECONDS[operator] * count for operator, count in counts.items())


def by_keyboard(step: Step, *, in_bulk: bool = False) -> Work:
    """Return the keys of one step of a one-sided foot drop: Enter begins, a digit answers, Enter goes on.

    With `in_bulk` the sound side is filled in where the step offers it, and a laboratory's step is marked
    as not tested with one reason.
    """
    if in_bulk and step.position == LABORATORY and rest_of(step):
        return Work(keys=1 + REST_KEYS + 1, acts=1, hands=1, answers=len(step.places))
    fill = fill_of(step, Exam(affected_side="left")) if in_bulk else None
    filled = len(fill.answers) if fill else 0
    rows = [finding for finding, _side in step.places]
    typed = sum(_is_number(step, name) for name in rows)
    ticked = int(step.consent)
    sends_itself = ticked or _is_number(step, rows[-1])  # Enter after a number or a tick sends the step
    keys = 1 + len(rows) - filled + FILL_KEYS * bool(filled) + typed * NUMBER_KEYS + 2 * ticked
    acts = len(rows) - filled + bool(filled)
    return Work(keys=keys + (not sends_itself), acts=acts, hands=1, answers=len(rows))


def by_touch(step: Step) -> Work:
    """Return the taps of one step, each row for itself; a number is tapped on the screen's own keys."""
    typed = sum(_is_number(step, name) for name, _side in step.places)
    taps = len(step.places) + typed * NUMBER_KEYS + step.consent + 1
    return Work(taps=taps, acts=len(step.places), hands=1, answers=len(step.places))


def estimates() -> Iterator[tuple[str, Work]]:
    """Yield each way of recording a core and a full exam, with its work."""
    for protocol in ("core", "full"):
        steps = [step for step in steps_for(protocol) if step.finding_ids]
        yield f"{protocol} exam by keyboard, one by one", _all(by_keyboard(step) for step in steps)
        if protocol == "full":
            whole = _all(by_keyboard(step, in_bulk=True) for step in steps)
            yield "full exam by keyboard, sound side filled in, no laboratory", whole
        yield f"{protocol} exam by touch, one by one", _all(by_touch(step) for step in steps)


def lines() -> Iterator[str]:
    """Yield the estimates as lines, after the operators that they stand on."""
    operators = ", ".join(f"{name} {seconds:g} s" for name, seconds in SECONDS.items())
    yield f"time to record, keystroke-level estimate ({operators}; {STUDY})"
    for name, work in estimates():
        presses = f"{work.keys} keys" if work.keys else f"{work.taps} taps"
        yield f"  {name:<58} {_clock(work.seconds):>5} min   {presses} for {work.answers} answers"


def _all(works: Iterator[Work]) -> Work:
    return sum(works, Work())


def _is_number(step: Step, name: str) -> bool:
    finding: Finding = next(one for one in step.findings if one.id == name)
    return finding.scale.kind == "number"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
