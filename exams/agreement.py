"""How far examiner, supervisor and engine agree on the level, over a clinic's decided exams."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinics.models import Clinic
from exams.models import Exam, Opinion, SignedReport
from localization import SITES

NOT_PLACED = ""
# Half the width of a 95 % interval, in standard errors.
Z95 = 1.959964
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Cohen's kappa of two voices over the same exams, with its 95 % interval.

    `value`, `low` and `high` are None where chance alone would agree always, or no exam has both voices.
    """

    exams: int
    agreed: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two voices and how far they agree on the level group."""

    label: str
    kappa: Kappa


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """The level group that each voice named for one exam; empty for not placed, None for not heard."""

    examiner: str | None
    supervisor: str | None
    engine: str | None


def kappa(pairs: Sequence[Pair]) -> Kappa:
    """Return Cohen's kappa (Cohen 1960), with the large-sample standard error given there."""
    count = len(pairs)
    agreed = sum(one == other for one, other in pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(firsts[level] * seconds[level] for level in firsts)
    if not count or by_chance == count * count:
        return Kappa(exams=count, agreed=agreed, value=None, low=None, high=None)
    observed, expected = agreed / count, by_chance / count**2
    value = (observed - expected) / (1 - expected)
    half = Z95 * math.sqrt(observed * (1 - observed) / count) / (1 - expected)
    return Kappa(
        exams=count, agreed=agreed, value=value, low=max(-1.0, value - half), high=min(1.0, value + half)
    )


def agreement_in(clinic: Clinic) -> tuple[Compared, ...]:
    """Return the three comparisons over every countersigned exam of the clinic."""
    heard = tuple(_voices(clinic))
    return (
        Compared(label="Examiner and supervisor", kappa=kappa(_pairs(heard, "examiner", "supervisor"))),
        Compared(label="Examiner and localization", kappa=kappa(_pairs(heard, "examiner", "engine"))),
        Compared(label="Supervisor and localization", kappa=kappa(_pairs(heard, "supervisor", "engine"))),
    )


def _pairs(heard: Iterable[Voices], one: str, other: str) -> list[Pair]:
    both = ((getattr(voices, one), getattr(voices, other)) for voices in heard)
    return [(first, second) for first, second in both if first is not None and second is not None]


def _voices(clinic: Clinic) -> Iterable[Voices]:
    """Yield what was said of each exam; a supervisor counts only with the opinion given before the others."""
    decided = Exam.objects.of(clinic).filter(state=Exam.State.COUNTERSIGNED).order_by("started", "pk")
    opinions = Opinion.objects.filter(clinic=clinic, exam__in=decided)
    said = {(one.exam_id, one.voice): one for one in opinions}
    first = SignedReport.objects.filter(
        clinic=clinic, exam__in=decided, meaning=SignedReport.Meaning.EXAMINED
    )
    documents = dict(first.values_list("exam", "document"))
    for exam in decided.values_list("pk", flat=True):
        look = said.get((exam, Opinion.Voice.SUPERVISOR))
        yield Voices(
            examiner=_own(said.get((exam, Opinion.Voice.EXAMINER))),
            supervisor=_own(look if look and not look.answer_in_view else None),
            engine=_engine(documents.get(exam, "")),
        )


def _own(opinion: Opinion | None) -> str | None:
    return _group(opinion.site) if opinion else None


def _engine(document: str) -> str | None:
    """Return the group of the level that a signed document puts first; None where the engine had failed."""
    if not document:
        return None
    conclusion = json.loads(document)["conclusion"]
    if not conclusion["available"]:
        return None
    return _group(conclusion["ranked"][0]["site"]) if conclusion["placed"] else NOT_PLACED


def _group(site: str) -> str:
    return SITES[site].group if site in SITES else NOT_PLACED
