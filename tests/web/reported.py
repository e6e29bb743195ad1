"""Exams made from published cases, and what a reader sees of their reports, for the tests."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from clinics.desk import Desk
from exams.models import Exam, Observation
from exams.services.exams import give_impression
from exams.services.signing import draft_document, mark_rest_not_done
from exams.sheet import sheet_of
from exams.steps import KNOWN_BEFORE
from localization import CATALOGUE
from tests import factories

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.toml"))
EXAMINED = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
OTHER = {"left": "right", "right": "left", "bilateral": "bilateral"}

FIBULAR = {
    "ankle_dorsiflexion": ("2", "5"),
    "great_toe_extension": ("3", "5"),
    "ankle_eversion": ("3", "5"),
    "ankle_inversion": ("5", "5"),
    "hip_abduction": ("5", "5"),
    "first_web_space": ("absent", "normal"),
    "tinel_fibular_neck": ("positive", "negative"),
    "heel_walk": ("unable", "able"),
    "trendelenburg_sign": ("negative", "negative"),
    "local_knee_pain": ("no", "no"),
    "fasciculations": ("no", "no"),
    "gait_pattern": "steppage",
    "onset": "days",
    "precipitant": "leg_crossing",
    "back_pain": "no",
    "radiating_leg_pain": "no",
    "painless": "yes",
    "progressive": "no",
    "bladder_bowel": "no",
    "face_or_speech": "no",
    "arm_symptoms": "no",
    "cancer": "no",
    "fever_or_infection_risk": "no",
}

Sided = Mapping[str, "str | tuple[str, str]"]


def fibular_exam(desk: Desk, *, protocol: str = "core", side: str = "left", **changed: Any) -> Exam:
    """Start an exam of a plain fibular neck lesion; `changed` replaces answers, None leaves one out."""
    found: dict[str, Any] = {**FIBULAR, **changed}
    return exam_with(
        desk, {name: value for name, value in found.items() if value}, protocol=protocol, side=side
    )


def exam_with(
    desk: Desk, found: Sided, *, protocol: str = "core", side: str = "left", **patient: Any
) -> Exam:
    """Start an exam with these answers: one value, or one for the affected and one for the other leg."""
    exam = factories.exam(desk, factories.patient(desk, **patient), protocol=protocol, affected_side=side)
    near = "left" if side == "bilateral" else side
    rows = []
    for name, value in found.items():
        places = (
            [("", value)] if isinstance(value, str) else list(zip((near, OTHER[near]), value, strict=True))
        )
        rows += [(name, leg, token) for leg, token in places if token]
    Observation.objects.bulk_create(
        Observation(
            clinic=desk.clinic,
            exam=exam,
            finding=name,
            side=leg,
            token=token,
            revision=number,
            recorded_by=desk.user,
            recorded=EXAMINED,
        )
        for number, (name, leg, token) in enumerate(rows, start=1)
    )
    Exam.objects.filter(pk=exam.pk).update(started=EXAMINED, revision=len(rows))
    exam.refresh_from_db()
    return exam


def exam_of_case(desk: Desk, path: Path, *, mirrored: bool = False) -> Exam:
    """Start an exam with the findings of a published case, its sides swapped when `mirrored`."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))["findings"]
    contra = table.get("contra", {})
    side = table.get("side", "left")
    found: dict[str, Any] = {}
    for name, value in (table | contra).items():
        if name in KNOWN_BEFORE or name == "contra":
            continue
        one, other = str(table.get(name, "")), str(contra.get(name, ""))
        found[name] = (one, other) if CATALOGUE[name].sided else str(value)
    return exam_with(
        desk,
        found,
        protocol="full",
        side=OTHER[side] if mirrored else side,
        sex=table.get("sex", "female"),
        birth_date=date(EXAMINED.year - int(table.get("age", 50)), 1, 1),
    )


def ready_to_sign(desk: Desk, exam: Exam, text: str = "Painless, after weeks of leg crossing.") -> Exam:
    """Answer what is open as not tested, and write the impression."""
    mark_rest_not_done(desk=desk, exam=exam)
    for finding, side in sheet_of(exam).open_places:
        factories.answer(
            desk, exam, f"{finding}.{side}" if side else finding, "", not_tested=True, reason="declined"
        )
    give_impression(desk=desk, exam=exam, site="common_fibular", text=text, answer_in_view=True)
    exam.refresh_from_db()
    return exam


def document_of_exam(exam: Exam) -> dict[str, Any]:
    return draft_document(exam)


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of every page."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def squashed(text: str) -> str:
    """Return the text without any space, so that line breaks on paper do not matter."""
    return re.sub(r"\s+", "", text)


def paper_text(pdf: bytes, document: Mapping[str, Any]) -> str:
    """Return what the body of the PDF says, without spaces and without the running head and foot."""
    foot = squashed(document["footer"])
    bodies = []
    for page in pages_of(pdf):
        body, _, _ = squashed(page).partition(foot)
        _, _, body = body.partition("Page")
        bodies.append(re.sub(r"^\d+of\d+", "", body))
    return "".join(bodies)


def screen_text(content: bytes) -> str:
    """Return what a page says, without spaces, tags, scripts and styles."""
    text = re.sub(r"<(script|style|title)\b.*?</\1>", "", content.decode(), flags=re.DOTALL)
    return squashed(html.unescape(re.sub(r"<[^>]*>", "", text)))


def facts(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield every sentence and value that a reader of the report has to find, on screen and on paper."""
    yield from (document["identity"][name] for name in ("name", "born", "number", "side"))
    yield from (document["exam"][name] for name in ("date", "examiner", "supervisor"))
    flags = document["red_flags"]
    yield from _texts(flags if flags["flags"] else flags["summary"])
    found = document["conclusion"]
    yield from _texts(document["tripwire"])
    for name in (
        "headline",
        "support",
        "levels",
        "second_lesion",
        "not_apart",
        "what_would_change",
        "stable",
    ):
        yield found[name]
    yield found["stop_signal"]
    yield from (test["text"] for test in found["next_tests"])
    yield from found["notices"]
    yield from (entry["text"] for entry in found["missing"])
    yield found["missing_rest"]
    for site in found["ranked"]:
        yield from (site["label"], site["band"]["label"])
        yield from (site["for_rest"], site["against_rest"])
        for entry in reasons_of(site):
            yield from (entry["text"], entry["rule"])
    for table in document["tables"]:
        yield from table["rest"]
        for row in [*table["sided"], *table["unsided"]]:
            yield row["label"]
            yield from (cell[name] for cell in row["cells"] for name in ("text", "detail", "note"))
    yield document["counts"]
    yield from (document["impression"][name] for name in ("lead", "site", "text", "by"))
    yield from (document["decision"][name] for name in ("text", "look", "by"))
    if document["options"]["steps"]:
        yield from _texts(document["options"])
    yield from (*document["limits"], *document["intended_use"])
    for band in document["bands"]["rows"]:
        yield from (band["label"], band["definition"])
    yield from (source["citation"] for source in document["sources"]["rows"])
    yield from (signature["line"] for signature in document["signatures"])


def reasons_of(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reasons that stand with a ranked site: all with the leader, the weightiest with others."""
    return [entry for part in ("for", "against", "for_more", "against_more") for entry in site[part]]


def _texts(value: Any) -> Iterator[str]:
    """Yield the sentences of a block; ids, kinds and numbers are not shown as such."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        hidden = {"id", "kind", "findings", "unasked", "sources"}
        for name, entry in value.items():
            if name not in hidden:
                yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
