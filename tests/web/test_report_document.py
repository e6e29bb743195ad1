"""The report's document: every claim stands on an answer, sides never swap, trouble leaves the rest whole."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from clinics.models import Clinic
from exams.document import canonical
from exams.document.words import moment
from exams.models import Exam, Observation
from exams.services import localizing
from exams.services.exams import give_impression
from exams.services.flags import meet_flags
from exams.services.localizing import localize_exam
from exams.sheet import sheet_of
from exams.steps import KNOWN_BEFORE
from localization import CATALOGUE, PHRASES, SITES, SOURCES, red_flag_findings
from tests import factories
from tests.web.reported import CASES, EXAMINED, document_of_exam, exam_of_case, fibular_exam, reasons_of

pytestmark = pytest.mark.django_db

# One leg affected and named, so that swapping the legs of the record swaps nothing else.
ONE_SIDED = [path for path in CASES if re.search(r'^side = "(left|right)"', path.read_text(), re.MULTILINE)]
COMPARED = ("red_flags", "conclusion", "figures", "tables", "counts")


def cells_of(document: dict[str, Any], finding: str) -> list[dict[str, Any]]:
    rows = [row for table in document["tables"] for row in [*table["sided"], *table["unsided"]]]
    return next(row["cells"] for row in rows if row["finding"] == finding)


def rest_of(document: dict[str, Any], group: str) -> list[str]:
    return next(list(table["rest"]) for table in document["tables"] if table["group"] == group)


def rows_of(document: dict[str, Any], group: str) -> list[str]:
    table = next(table for table in document["tables"] if table["group"] == group)
    return [row["finding"] for row in [*table["sided"], *table["unsided"]]]


def all_reasons(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for site in document["conclusion"]["ranked"] for entry in reasons_of(site)]


@pytest.fixture
def document(owner: User) -> dict[str, Any]:
    return document_of_exam(fibular_exam(factories.desk(owner), protocol="full"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_K07_every_reason_stands_on_an_answer_of_this_exam(owner: User, path: Path) -> None:
    exam = exam_of_case(factories.desk(owner), path)
    document = document_of_exam(exam)
    recorded = {(row.finding, row.side) for row in exam.observations.filter(not_tested=False)}
    numbers = {source["number"] for source in document["sources"]["rows"]}
    assert document["conclusion"]["available"]
    assert document["conclusion"]["headline"]
    for entry in all_reasons(document):
        assert entry["finding"] in KNOWN_BEFORE or (entry["finding"], entry["side"]) in recorded, entry
        assert entry["rule"]
        assert entry["sources"]
        assert set(entry["sources"]) <= numbers
        assert CATALOGUE[entry["finding"]].label.lower() in entry["text"].lower()
    for missing in document["conclusion"]["missing"]:
        places = {side for finding, side in recorded if finding == missing["finding"]}
        assert len(places) < 2
        assert "" not in places
    assert document["conclusion"]["placed"] is False or len(document["conclusion"]["ranked"]) >= 2
    json.loads(canonical(document))


def test_K07_a_placed_level_stands_with_its_band_the_next_levels_and_what_is_missing(
    document: dict[str, Any],
) -> None:
    found = document["conclusion"]
    assert found["ranked"][0]["site"] == "common_fibular"
    assert found["headline"].endswith("This is not a diagnosis.")
    assert "patient's LEFT" in found["headline"]
    assert found["support"].startswith(found["ranked"][0]["band"]["label"])
    assert len(found["ranked"]) >= 2
    assert found["missing"]
    assert found["ranked"][0]["for"]


def test_every_source_number_leads_to_one_citation(document: dict[str, Any]) -> None:
    rows = document["sources"]["rows"]
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["citation"] == SOURCES[row["id"]].citation for row in rows)


def test_the_options_are_the_knowledges_own_words_apart_from_the_conclusion(document: dict[str, Any]) -> None:
    steps = {step["text"]: step for step in document["options"]["steps"]}
    for step in SITES["common_fibular"].next_steps:
        assert steps[step.text]["sources"]
    assert document["options"]["help"] == PHRASES["options_help"]
    said = json.dumps(document["conclusion"])
    assert not any(text in said for text in steps)


@pytest.mark.parametrize("path", ONE_SIDED[::4], ids=lambda path: path.stem)
def test_K05_swapped_legs_swap_the_sides_of_the_report_and_nothing_else(owner: User, path: Path) -> None:
    mirror(owner, path)


@pytest.mark.long
@pytest.mark.parametrize("path", ONE_SIDED, ids=lambda path: path.stem)
def test_K05_swapped_legs_swap_the_sides_in_every_published_case(owner: User, path: Path) -> None:
    mirror(owner, path)


def mirror(owner: User, path: Path) -> None:
    desk = factories.desk(owner)
    plain = document_of_exam(exam_of_case(desk, path))
    mirrored = document_of_exam(exam_of_case(desk, path, mirrored=True))
    assert plain["identity"]["side"] != mirrored["identity"]["side"]
    assert plain["conclusion"] != mirrored["conclusion"] or not plain["conclusion"]["ranked"]
    for part in COMPARED:
        assert swapped(plain[part]) == mirrored[part], part


def swapped(value: Any) -> Any:
    """Return the part of a report as it must be for a patient whose legs are swapped."""
    if isinstance(value, str):
        return re.sub(r"\b(LEFT|RIGHT|left|right|Left|Right)\b", lambda match: OPPOSITE[match[0]], value)
    if isinstance(value, dict):
        return {name: swapped(entry) for name, entry in value.items()}
    if isinstance(value, list) and len(value) == 2 and all(is_cell(entry) for entry in value):
        return [swapped(entry) for entry in reversed(value)]
    return [swapped(entry) for entry in value] if isinstance(value, list) else value


def is_cell(value: Any) -> bool:
    return isinstance(value, dict) and "column" in value


OPPOSITE = {
    "LEFT": "RIGHT",
    "RIGHT": "LEFT",
    "left": "right",
    "right": "left",
    "Left": "Right",
    "Right": "Left",
}


def test_left_stands_before_right_and_each_value_under_its_own_leg(document: dict[str, Any]) -> None:
    left, right = cells_of(document, "ankle_dorsiflexion")
    assert (left["column"], left["text"], left["state"]) == ("Patient's LEFT", "2", "abnormal")
    assert (right["column"], right["text"], right["state"]) == ("Patient's RIGHT", "5", "normal")


def test_K01_not_tested_could_not_be_tested_zero_and_five_read_differently(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full", ankle_dorsiflexion=("0", "5"))
    untested: dict[str, Any] = {"token": "", "not_tested": True}
    factories.answer(desk, exam, "toe_flexion.left", reason="pain", **untested)
    factories.answer(desk, exam, "toe_flexion.right", reason="not_done", **untested)
    document = document_of_exam(exam)
    texts = [cell["text"] for cell in cells_of(document, "ankle_dorsiflexion")]
    texts += [cell["text"] for cell in cells_of(document, "toe_flexion")]
    assert texts == ["0", "5", "could not be tested: pain", "not tested"]
    (unset,) = [said for said in rest_of(document, "strength") if "Hip extension" in said]
    assert unset.startswith("Not tested (no answer yet): ")
    factories.answer(desk, exam, "hip_extension.left", "5")
    texts = [cell["text"] for cell in cells_of(document_of_exam(exam), "hip_extension")]
    assert texts == ["5", "not tested"]
    states = [cell["state"] for cell in cells_of(document, "toe_flexion")]
    assert states == ["untested", "untested"]
    assert "1 could not be tested" in document["counts"]


def test_a_missing_finding_that_could_not_be_tested_says_why(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    first = document_of_exam(exam)["conclusion"]["missing"][0]
    finding = CATALOGUE[first["finding"]]
    place = f"{finding.id}.left" if finding.sided else finding.id
    assert "not tested" in first["text"]
    factories.answer(desk, exam, place, "", not_tested=True, reason="equipment")
    texts = [entry["text"] for entry in document_of_exam(exam)["conclusion"]["missing"]]
    assert any("could not be tested: no equipment" in text for text in texts)


def test_what_no_side_was_tested_for_is_one_sentence_for_each_reason_and_group(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    whys = {"hip_flexion": "pain", "hip_adduction": "not_done", "hip_extension": "pain", "knee_flexion": ""}
    for finding, reason in whys.items():
        for side in ("left", "right"):
            factories.answer(desk, exam, f"{finding}.{side}", "", not_tested=True, reason=reason)
    document = document_of_exam(exam)
    said = rest_of(document, "strength")
    assert "Could not be tested (pain): Hip flexion, Hip extension." in said
    assert "Not tested (not done): Hip adduction." in said
    assert "Not tested (no reason given): Knee flexion." in said
    assert not whys.keys() & set(rows_of(document, "strength"))
    assert "4 could not be tested" in document["counts"]


def test_an_untested_finding_keeps_its_row_when_its_sides_differ_or_something_was_written(
    owner: User,
) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    untested: dict[str, Any] = {"token": "", "not_tested": True}
    factories.answer(desk, exam, "hip_flexion.left", reason="pain", **untested)
    factories.answer(desk, exam, "hip_flexion.right", reason="not_done", **untested)
    for side in ("left", "right"):
        more = {"note": "sat in a chair"} if side == "right" else {}
        factories.answer(desk, exam, f"hip_extension.{side}", reason="pain", **untested, **more)
    factories.answer(desk, exam, "knee_flexion.right", "5")
    document = document_of_exam(exam)
    assert {"hip_flexion", "hip_extension", "knee_flexion"} <= set(rows_of(document, "strength"))
    for name in ("Hip flexion", "Hip extension", "Knee flexion"):
        assert not any(name in sentence for sentence in rest_of(document, "strength"))
    assert cells_of(document, "hip_extension")[1]["note"] == "sat in a chair"


@pytest.mark.parametrize("path", CASES[::4], ids=lambda path: path.stem)
def test_K01_every_finding_asked_is_a_row_or_named_as_not_tested_and_never_both(
    owner: User, path: Path
) -> None:
    exam = exam_of_case(factories.desk(owner), path)
    document = document_of_exam(exam)
    recorded = {row.finding for row in exam.observations.filter(not_tested=False)}
    ids = sheet_of(exam).finding_ids | recorded
    for group in CATALOGUE.groups:
        asked = [
            finding
            for finding in CATALOGUE.findings.values()
            if finding.id in ids and finding.group == group.id
        ]
        rows, said = set(rows_of(document, group.id)), " ".join(rest_of(document, group.id))
        named = [finding.id for finding in asked if re.search(rf"[:,] {re.escape(finding.label)}[,.]", said)]
        assert rows == {finding.id for finding in asked} & recorded
        assert sorted([*rows, *named]) == sorted(finding.id for finding in asked)


def test_what_else_is_missing_is_named_in_sentences_with_the_reasons_given(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, protocol="full")
    report = localize_exam(exam).report
    assert report is not None
    last = CATALOGUE[report.missing[-1].finding]
    place = f"{last.id}.left" if last.sided else last.id
    factories.answer(desk, exam, place, "", not_tested=True, reason="declined")
    found = document_of_exam(exam)["conclusion"]
    assert [entry["finding"] for entry in found["missing"]] == [
        missing.finding for missing in report.missing[:6]
    ]
    rest = found["missing_rest"]
    assert rest.startswith("Of less weight, also not tested: ")
    assert all(CATALOGUE[missing.finding].label in rest for missing in report.missing[6:])
    assert rest.endswith(f" Of less weight, could not be tested (declined): {last.label}.")


def test_the_next_levels_carry_their_three_weightiest_reasons_and_say_that_there_are_more(
    document: dict[str, Any],
) -> None:
    first, *others = document["conclusion"]["ranked"]
    assert len(first["for"]) == 5
    assert first["for_more"]
    assert any(site["for_rest"] or site["against_rest"] for site in others)
    for site in others:
        for part in ("for", "against"):
            assert len(site[part]) <= 3
            assert bool(site[f"{part}_rest"]) <= (len(site[part]) == 3)


@pytest.mark.parametrize(
    ("count_as", "counted"),
    [("weak", "counted as weak"), ("normal", "counted as full"), ("ignore", "counted as not")],
)
def test_a_limited_grade_prints_as_recorded_with_how_it_was_counted(
    owner: User, count_as: str, counted: str
) -> None:
    exam = fibular_exam(factories.desk(owner))
    rows = Observation.objects.filter(exam=exam, finding="hip_abduction", side="left")
    rows.update(token="4", confounder="joint_disease", count_as=count_as, note="old arthritis")
    left = cells_of(document_of_exam(exam), "hip_abduction")[0]
    assert left["text"] == "4"
    assert f"limited by joint disease; {counted}" in left["detail"]
    assert left["note"] == "old arthritis"


def test_numbers_print_with_their_unit(owner: User) -> None:
    document = document_of_exam(fibular_exam(factories.desk(owner), protocol="full", walk_10m_s="11.4"))
    assert cells_of(document, "walk_10m_s")[0]["text"] == "11.4 s (0.53 m/s)"


def test_red_flags_are_never_said_to_be_absent_when_something_was_not_asked(owner: User) -> None:
    desk = factories.desk(owner)
    core = document_of_exam(fibular_exam(desk))["red_flags"]
    assert core["summary"].startswith("Red flags: none recorded; not asked: ")
    assert "Saddle area" in core["summary"]  # a sign, not a question: it was not tested
    assert "plantar_response" in core["unasked"]
    assert "bladder_bowel" not in core["unasked"]


def test_all_asked_is_said_only_when_every_question_and_sign_has_a_value(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    benign = {
        "reflex": "normal",
        "sensation": "normal",
        "plantar": "flexor",
        "tone": "normal",
        "yes_no": "no",
    }
    for name in red_flag_findings():
        finding = CATALOGUE[name]
        for side in ("left", "right") if finding.sided else ("",):
            Observation.objects.get_or_create(
                exam=exam,
                finding=name,
                side=side,
                defaults={
                    "clinic": exam.clinic,
                    "token": benign.get(finding.scale.id, "5"),
                    "revision": 500,
                    "recorded_by": exam.examiner,
                    "recorded": exam.started,
                },
            )
    flags = document_of_exam(exam)["red_flags"]
    assert flags["flags"] == []
    expected = PHRASES["red_flags_none_all_asked"].format(n=len(red_flag_findings()))
    assert flags["summary"] == expected
    Observation.objects.filter(exam=exam, finding="ankle_clonus", side="right").delete()
    summary = document_of_exam(exam)["red_flags"]["summary"]
    assert summary == "Red flags: none recorded; not asked: Ankle clonus (patient's RIGHT)."


def test_a_red_flag_prints_with_its_finding_and_what_was_done(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    for told, action in (("on_call_team", "MRI tonight."), ("patient", "Goes there by taxi.")):
        meet_flags(desk=desk, exam=exam, flags=["cauda_equina"], told=told, action=action, key=uuid4())
    (flag,) = [flag for flag in document_of_exam(exam)["red_flags"]["flags"] if flag["id"] == "cauda_equina"]
    assert flag["banner"].startswith("Red flag recorded: ")
    assert "Bladder" in flag["banner"]
    assert flag["say"] == "Follow your local urgent pathway."
    first, second = flag["actions"]
    done = exam.red_flag_actions.first()
    assert done is not None
    assert done.told_at is not None
    when = moment(done.told_at, exam.clinic)
    assert first == (
        f"Told the on-call specialist (neurology, neurosurgery, spinal or vascular), {when}. "
        f"Agreed: MRI tonight. Recorded by Olive Owner, {when}."
    )
    assert second.startswith("Told the patient only, ")
    assert "Agreed: Goes there by taxi." in second


def test_what_was_done_before_anybody_asked_who_was_told_still_prints(owner: User) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    exam.red_flag_actions.create(
        clinic=exam.clinic, flag="cauda_equina", action="Rang the spinal team.", by=owner, at=EXAMINED
    )
    (flag,) = document_of_exam(exam)["red_flags"]["flags"]
    (action,) = flag["actions"]
    assert action.startswith("Acknowledged by Olive Owner, 24 Nov 2026, 10:15 ")
    assert action.endswith("Action noted: Rang the spinal team.")


@pytest.mark.parametrize("path", CASES[::6], ids=lambda path: path.stem)
def test_only_the_reports_own_block_speaks_of_red_flags_not_asked(owner: User, path: Path) -> None:
    document = document_of_exam(exam_of_case(factories.desk(owner), path))
    for notice in document["conclusion"]["notices"]:
        assert not re.search(r"red flags?:|not asked|asked or tested", notice, re.IGNORECASE), notice


def boom(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("the engine fell over")


def test_K10_without_an_engine_the_report_says_so_and_everything_else_is_whole(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk, bladder_bowel="yes")
    give_impression(desk=desk, exam=exam, site="common_fibular", text="My own view.", answer_in_view=False)
    with_engine = document_of_exam(exam)
    monkeypatch.setattr(localizing, "localize", boom)
    document = document_of_exam(exam)
    assert document["conclusion"]["headline"].startswith("No localisation available")
    assert document["conclusion"]["ranked"] == []
    assert document["options"]["steps"] == []
    for part in (
        "identity",
        "exam",
        "tables",
        "counts",
        "impression",
        "limits",
        "intended_use",
        "record_digest",
    ):
        assert document[part] == with_engine[part], part
    flags = [flag["banner"] for flag in document["red_flags"]["flags"]]
    assert flags == [flag["banner"] for flag in with_engine["red_flags"]["flags"]]
    assert flags
    (figure,) = document["figures"]
    assert figure["muscles"]["ankle_dorsiflexion"]["text"] == "2"
    assert not any(site["rank"] for site in figure["sites"].values())


def test_K06_red_flag_rules_that_fail_are_never_read_as_none(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localizing, "red_flags", boom)
    flags = document_of_exam(fibular_exam(factories.desk(owner)))["red_flags"]
    assert set(flags["unasked"]) == set(red_flag_findings())
    assert "Bladder" in flags["summary"]


@pytest.mark.parametrize(
    ("in_view", "lead"),
    [(True, "with the tool's answer in view"), (False, "before the tool's answer was shown")],
)
def test_HZ05_the_impression_prints_with_whether_the_answer_was_in_view(
    owner: User, in_view: bool, lead: str
) -> None:
    desk = factories.desk(owner)
    exam = fibular_exam(desk)
    give_impression(desk=desk, exam=exam, site="", text="I cannot place it.", answer_in_view=in_view)
    own = document_of_exam(exam)["impression"]
    assert own["lead"].endswith(lead)
    assert (own["site"], own["text"]) == ("Not placed", "I cannot place it.")


def test_times_stand_in_the_clinics_zone_and_in_utc(owner: User, clinic: Clinic) -> None:
    clinic.time_zone = "Europe/Warsaw"
    clinic.save()
    exam = fibular_exam(factories.desk(owner))
    Exam.objects.update(started=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    exam.refresh_from_db()
    assert document_of_exam(exam)["exam"]["date"] == "2 Jul 2026, 00:30 CEST (1 Jul 2026, 22:30 UTC)"


def test_the_age_is_that_of_the_day_of_the_exam(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner))
    assert document_of_exam(exam)["identity"]["born"] == "14 Mar 1961 (65)"


def test_no_number_of_the_engine_reaches_the_document(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    report = localize_exam(exam).report
    assert report is not None
    said = canonical(document_of_exam(exam))
    assert '"posterior":' not in said
    assert '"weight":' not in said
    for reason in report.reasons:
        assert f"{reason.weight:.3f}" not in said
