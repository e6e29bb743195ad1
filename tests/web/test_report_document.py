"""The report's document: every claim stands on an answer, LEFT before RIGHT, and what is missing is named."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from clinics.models import Clinic
from exams.document import canonical
from exams.models import Exam, Observation
from exams.services.exams import give_impression
from exams.services.localizing import localize_exam
from exams.sheet import sheet_of
from exams.steps import KNOWN_BEFORE
from localization import CATALOGUE, PHRASES, SITES, SOURCES
from tests import factories
from tests.web.reported import CASES, document_of_exam, exam_of_case, fibular_exam, reasons_of

pytestmark = pytest.mark.django_db


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


def test_nothing_is_said_of_findings_that_could_not_be_tested_when_there_are_none(owner: User) -> None:
    exam = fibular_exam(factories.desk(owner), protocol="full")
    counts = document_of_exam(exam)["counts"]
    assert re.fullmatch(r"\d+ findings recorded, \d+ not tested\.", counts), counts


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
