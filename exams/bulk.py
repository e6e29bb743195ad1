"""The two acts that answer several rows at once: which rows each may touch, and what it asks first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exams.models import Exam
from exams.steps import BOTH_SIDES, Step
from localization import CATALOGUE, Choice, Finding, red_flag_questions

Place = tuple[str, str]
# Groups whose rows are tested one like the other: what one such row is called, and what a normal one is.
FILLED: Mapping[str, tuple[str, str]] = {"strength": ("movements", "full"), "sensation": ("areas", "normal")}
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Fill:
    """The normal answers of one step on the side that is not affected, given only after a question."""

    side: str
    answers: tuple[tuple[Finding, str], ...]

    @property
    def places(self) -> str:
        """Each row with its normal answer, for the page's script: “hip_flexion.right=5 …”."""
        return " ".join(f"{finding.id}.{self.side}={token}" for finding, token in self.answers)

    @property
    def tokens(self) -> str:
        """What is filled in, in words: “5”, “Normal”, or “5 and Normal”."""
        return " and ".join(dict.fromkeys(finding.value_label(token) for finding, token in self.answers))

    @property
    def words(self) -> str:
        """The normal answer in one word: the value itself, or “normal” where there are several."""
        return self.tokens.lower() if len({token for _, token in self.answers}) == 1 else "normal"

    @property
    def rows(self) -> str:
        """What was to be tested: “6 movements”, “7 areas”, “3 movements and areas”."""
        names = dict.fromkeys(FILLED[finding.group][0] for finding, _ in self.answers)
        return f"{len(self.answers)} {' and '.join(names)}"

    @property
    def was(self) -> str:
        """What each was if it was normal: “full” for strength alone, else “normal”."""
        said = {FILLED[finding.group][1] for finding, _ in self.answers}
        return said.pop() if len(said) == 1 else "normal"


@dataclass(frozen=True, slots=True)
class Rest:
    """The places of one step that one reason may mark as not tested while they are open."""

    open_to: tuple[Place, ...]
    keeps_questions: bool

    @property
    def places(self) -> str:
        """The places for the page's script: “walk_10m_s heel_walk.left …”."""
        return " ".join(f"{finding}.{side}".rstrip(".") for finding, side in self.open_to)

    @property
    def reasons(self) -> tuple[Choice, ...]:
        """Why a finding may not have been tested, from the catalogue."""
        return CATALOGUE.reasons_not_tested


def fill_of(step: Step, exam: Exam) -> Fill | None:
    """Return what may be filled in on this step; None without a normal leg, or for fewer than two rows."""
    if exam.affected_side not in BOTH_SIDES or exam.has_no_comparison:
        return None
    side = next(one for one in BOTH_SIDES if one != exam.affected_side)
    answers = tuple(
        (finding, normal)
        for finding in step.findings
        if finding.sided and finding.group in FILLED and (normal := _normal(finding))
    )
    return Fill(side, answers) if len(answers) >= FEWEST else None


def rest_of(step: Step) -> Rest | None:
    """Return what one reason may mark on this step: all but the red-flag questions, each asked for itself."""
    questions = frozenset(red_flag_questions())
    open_to = tuple(place for place in step.places if place[0] not in questions)
    return Rest(open_to, len(open_to) < len(step.places)) if open_to else None


def _normal(finding: Finding) -> str:
    """Return the one offered value that is normal for this finding, empty if there is none or a choice."""
    normal = [
        value.token
        for value in finding.scale.values
        if value.offered and finding.state_of(value.token) == "normal"
    ]
    return normal[0] if len(normal) == 1 else ""
