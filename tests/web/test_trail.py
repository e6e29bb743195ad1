"""The auditor's page: who looked at whom, filtered and exported, with no clinical value on it."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.audit import record, values_of, verify_chain
from clinics.models import AuditEvent
from exams.trail import TrailFilter, acts
from tests import factories, worlds
from tests.plugins.flushing import unguarded
from tests.worlds import CANARIES, Place

ADDRESS = "/trail/"
# The minute before, the first, the last and the minute after 14 March in India: day, hour and minute in UTC.
EDGES = ((13, 18, 29), (13, 18, 30), (14, 18, 29), (14, 18, 30))
ROOT = Path(__file__).resolve().parents[2]
RECORDED = re.compile(
    r"(?:record\(\s*[\w.]+,\s*|record_view\([^)]*?act=|^[A-Z_, ]+ = |\belse\s+|\bif .+? else )"
    r"\"([a-z_]+\.[a-z_]+)\"",
    re.MULTILINE,
)

pytestmark = pytest.mark.django_db


def body(answer: object) -> str:
    return b"".join(getattr(answer, "streaming_content", None) or [answer.content]).decode()  # type: ignore[attr-defined]


class AuditorsPage(TestCase):
    """Two clinics at work; the auditor of one looks."""

    ours: Place
    theirs: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ours, cls.theirs = (worlds.place(canary) for canary in CANARIES[:2])

    def setUp(self) -> None:
        self.client.force_login(self.ours.people["auditor"])

    def lines(self, **asked: str) -> list[dict[str, str]]:
        answer = self.client.post(ADDRESS, {"export": "1", **asked})
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(StringIO(body(answer))))

    def test_Z01_only_the_auditor_opens_it(self) -> None:
        for role, person in self.ours.people.items():
            client = Client()
            client.force_login(person)
            assert client.get(ADDRESS).status_code == (200 if role == "auditor" else 403), role

    def test_the_page_shows_the_newest_acts_in_words_and_pages_back(self) -> None:
        page = self.client.get(ADDRESS).content.decode()
        assert "Opened the audit trail" in page
        assert "Opened the next version" in page
        count = AuditEvent.objects.filter(clinic=self.ours.clinic).count()
        assert f"{count} events" in page
        older = self.client.post(ADDRESS, {"page": "2"}).content.decode()
        assert "Page 2 of" in older
        assert "Opened the next version" not in older

    def test_it_holds_no_clinical_value_and_nothing_of_another_clinic(self) -> None:
        page = body(self.client.post(ADDRESS, {"export": "1"}))
        assert f"{self.ours.canary}-1" in page
        for said in (f"{self.ours.canary}son", "Because of", "bladder", "steppage", self.theirs.canary):
            assert said not in page

    def test_who_opened_one_patients_record(self) -> None:
        examiner = Client()
        examiner.force_login(self.ours.people["supervisor"])
        examiner.get(reverse("exams:patient", args=[self.ours.patient.pk]))
        found = self.lines(patient=self.ours.patient.number, group="read")
        assert found
        assert {line["patient_number"] for line in found} == {self.ours.patient.number}
        assert found[0]["act"] == "Opened the patient's page"
        assert found[0]["person"] == self.ours.people["supervisor"].get_full_name()

    def test_a_number_that_no_patient_of_the_clinic_has_is_refused_not_answered_with_nothing(self) -> None:
        answer = self.client.post(ADDRESS, {"patient": self.theirs.patient.number})
        assert answer.status_code == 422
        assert "No patient of this clinic has this number." in answer.content.decode()

    def test_filters_by_person_group_and_day_narrow_the_list(self) -> None:
        person = self.ours.people["supervisor"]
        by_person = self.lines(person=str(person.pk))
        assert {line["person"] for line in by_person} == {person.get_full_name()}
        reviews = {line["act"] for line in self.lines(group="review")}
        assert {"Signed the report", "Countersigned, agreeing", "Returned the exam"} <= reviews
        assert reviews <= {acts().words[act] for act in acts().of_group["review"]}
        today = timezone.localdate(timezone=ZoneInfo(self.ours.clinic.time_zone))
        assert self.lines(last=(today - timedelta(days=2)).isoformat()) == []
        assert self.lines(first=(today - timedelta(days=1)).isoformat(), last=today.isoformat())
        tomorrow = today + timedelta(days=2)
        assert self.lines(first=tomorrow.isoformat()) == []
        assert len(self.lines(last=tomorrow.isoformat())) > len(by_person)
        other = Client()
        other.force_login(self.ours.people["auditor"])
        stranger = other.post(ADDRESS, {"person": str(self.theirs.people["examiner"].pk)})
        assert stranger.status_code == 422

    def test_a_day_is_the_clinics_own_from_midnight_to_midnight(self) -> None:
        clinic = self.ours.clinic
        clinic.time_zone = "Asia/Kolkata"  # half past five ahead
        asked = TrailFilter(clinic, {"first": "2026-03-14", "last": "2026-03-14"})
        assert asked.is_valid()
        moments = [datetime(2026, 3, day, hour, minute, tzinfo=UTC) for day, hour, minute in EDGES]
        event = AuditEvent.objects.filter(clinic=clinic).latest("sequence")
        kept = []
        for moment in moments:
            with unguarded():
                AuditEvent.objects.filter(pk=event.pk).update(at=moment)
            kept.append(asked.events().filter(pk=event.pk).exists())
        assert kept == [False, True, True, False]

    def test_I02_looking_and_exporting_are_events_with_what_was_asked(self) -> None:
        self.lines(group="read")
        last = AuditEvent.objects.filter(clinic=self.ours.clinic).latest("sequence")
        assert (last.act, values_of(last)) == ("trail.exported", {"group": "read"})
        self.client.get(ADDRESS)
        assert AuditEvent.objects.filter(clinic=self.ours.clinic).latest("sequence").act == "trail.viewed"
        assert verify_chain(self.ours.clinic) is None

    def test_L06_the_page_takes_the_same_queries_however_long_the_trail(self) -> None:
        desk = factories.desk(self.ours.people["examiner"])
        self.client.get(ADDRESS)  # the first request of a session also stores the session
        with CaptureQueriesContext(connection) as short:
            self.client.get(ADDRESS)
        with transaction.atomic():
            for _ in range(200):
                record(desk, "exam.viewed", desk.clinic, subject=self.ours.patient.pk)
        with CaptureQueriesContext(connection) as long:
            self.client.get(ADDRESS)
        assert len(long) == len(short)

    def test_every_act_in_the_trail_has_its_words(self) -> None:
        recorded = set(AuditEvent.objects.values_list("act", flat=True).distinct())
        assert len(recorded) > 10
        assert recorded <= set(acts().words)


def test_every_act_that_the_code_records_has_its_words() -> None:
    sources = [path for app in ("clinics", "exams") for path in (ROOT / app).rglob("*.py")]
    written = {act for path in sources for act in RECORDED.findall(path.read_text(encoding="utf-8"))}
    assert {"answer.cleared", "exam.started", "home.viewed", "trail.viewed"} <= written
    assert written <= set(acts().words), written - set(acts().words)


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed() -> None:
    from exams.views.trail import _row  # noqa: PLC0415

    assert _row(("=1+1", "plain")) == "'=1+1,plain\r\n"
