"""Asks which side is affected and, when both are, which foot is worse and which leg is compared with."""

from __future__ import annotations

from typing import Any

from django import forms

from exams.models import Exam
from exams.sides import BOTH, LEGS, contradictions

SIDE_LABELS = (
    (Exam.Side.LEFT, "Patient's LEFT"),
    (Exam.Side.RIGHT, "Patient's RIGHT"),
    (Exam.Side.BILATERAL, "Both sides"),
)
WORSE_LABELS = (
    (Exam.Worse.LEFT, "Patient's LEFT"),
    (Exam.Worse.RIGHT, "Patient's RIGHT"),
    (Exam.Worse.ALIKE, "Both alike"),
)
COMPARISON_LABELS = (
    (Exam.Comparison.LEFT, "Patient's LEFT"),
    (Exam.Comparison.RIGHT, "Patient's RIGHT"),
    (Exam.Comparison.NONE, "Neither leg is normal"),
)
CHOOSE_WORSE = "Choose which foot drops more: the patient's LEFT, RIGHT, or both alike."
CHOOSE_COMPARISON = (
    "Choose the leg that you compare with: the patient's LEFT, RIGHT, or that neither leg is normal."
)
OTHER_OF_TWO = (
    "You chose both sides and ticked “The other leg is not normal either”. "
    "Take the tick away, and choose “Neither leg is normal” if you have no leg to compare with."
)


class SideForm(forms.Form):
    """The affected side and what belongs to it; nothing is pre-selected but what the record holds."""

    affected_side = forms.ChoiceField(
        label="Affected side",
        choices=SIDE_LABELS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the affected side: the patient's LEFT, RIGHT, or both.",
            "invalid_choice": "Choose the affected side: the patient's LEFT, RIGHT, or both.",
        },
    )
    worse_side = forms.ChoiceField(
        label="Which foot drops more?",
        choices=WORSE_LABELS,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": CHOOSE_WORSE},
    )
    comparison_side = forms.ChoiceField(
        label="Which leg do you compare with?",
        choices=COMPARISON_LABELS,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": CHOOSE_COMPARISON},
    )
    other_leg = forms.BooleanField(label="The other leg is not normal either", required=False)

    def clean(self) -> dict[str, Any]:
        """Ask both details of two dropping feet, and refuse what does not fit one."""
        said = self.cleaned_data
        affected = said.get("affected_side", "")
        if affected in LEGS:
            self._let_go_of_the_second_foot()
        worse, comparison = said.get("worse_side", ""), said.get("comparison_side", "")
        for name, sentence in contradictions(affected, worse, comparison).items():
            self.add_error(name, sentence)
        if affected == BOTH:
            self._ask_both()
        return said

    def _let_go_of_the_second_foot(self) -> None:
        """Drop what the record says of two feet and was not said anew: a radio cannot be left again.

        That neither leg is normal stays: it holds for one affected leg as well, and its tick takes it back.
        """
        for name in ("worse_side", "comparison_side"):
            stood = self.initial.get(name, "")
            if self.cleaned_data.get(name) == stood != Exam.Comparison.NONE:
                self.cleaned_data[name] = ""

    def _ask_both(self) -> None:
        for name, sentence in (("worse_side", CHOOSE_WORSE), ("comparison_side", CHOOSE_COMPARISON)):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if self.cleaned_data.get("other_leg"):
            self.add_error("other_leg", OTHER_OF_TWO)

    @property
    def sides(self) -> dict[str, str]:
        """The three fields of the exam, as the valid form gives them."""
        said = self.cleaned_data
        none = str(Exam.Comparison.NONE) if said["other_leg"] else ""
        return {
            "affected_side": said["affected_side"],
            "worse_side": said["worse_side"],
            "comparison_side": said["comparison_side"] or none,
        }


def sides_said(exam: Exam) -> dict[str, Any]:
    """Return what the record holds of an exam's sides, as the form shows it."""
    both = exam.affected_side == BOTH
    return {
        "affected_side": exam.affected_side,
        "worse_side": exam.worse_side,
        "comparison_side": exam.comparison_side if both else "",
        "other_leg": not both and exam.comparison_side == Exam.Comparison.NONE,
    }
