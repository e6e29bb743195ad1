"""The database itself keeps what is signed as it was signed, whoever asks, and says so when it would not."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from clinics.append_only import after_migrate, before_migrate, missing, take_down
from exams.models import (
    Decision,
    Exam,
    Observation,
    Opinion,
    QuestionEntry,
    Remark,
    SignedReport,
)
from exams.models.guards import GUARDS, KEPT, NEVER
from exams.services.afterwards import add_later, amend, void
from exams.services.questions import ask, close
from exams.services.signing import signature_holds
from tests import factories
from tests.web.reported import fibular_exam, ready_to_sign
from tests.web.signed import countersigned, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(owner: User, supervisor: User) -> Exam:
    """An exam that was asked about, countersigned and added to, beside a draft of the same patient."""
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk))
    sign(owner, exam)
    theirs = factories.desk(supervisor)
    asked = ask(desk=theirs, exam=exam, finding="ankle_dorsiflexion", side="left", text="Sure?")
    close(desk=theirs, exam=exam, thread=asked.thread)
    countersigned(supervisor, exam)
    add_later(desk=desk, exam=exam, text="The scan was done on Monday.")
    factories.exam(desk, exam.patient, answers={"onset": "sudden"})
    exam.refresh_from_db()
    return exam


def copy_of(row: Observation | Opinion, **changed: object) -> None:
    """Insert a copy of a row under another key."""
    row.pk = uuid4()
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def draft() -> Exam:
    return Exam.objects.get(state="draft")


def bound() -> QuerySet[Observation]:
    return Observation.objects.exclude(exam__state="draft")


CHANGES: dict[str, Callable[[], object]] = {
    "document": lambda: SignedReport.objects.update(document="{}"),
    "paper": lambda: SignedReport.objects.update(pdf=b""),
    "one signature": lambda: SignedReport.objects.filter(meaning="agreed").delete(),
    "decision": lambda: Decision.objects.update(outcome="disagree"),
    "decision gone": lambda: Decision.objects.all().delete(),
    "addendum": lambda: Remark.objects.update(text="Another."),
    "addendum gone": lambda: Remark.objects.all().delete(),
    "question": lambda: QuestionEntry.objects.update(text="Another."),
    "question gone": lambda: QuestionEntry.objects.all().delete(),
    "answer": lambda: bound().update(token="5"),
    "note": lambda: bound().update(note="x"),
    "answer gone": lambda: bound().filter(finding="onset").delete(),
    "answer moved away": lambda: bound().filter(finding="heel_walk").update(exam=draft()),
    "answer moved in": lambda: Observation.objects.filter(exam__state="draft").update(
        exam=Exam.objects.get(state="countersigned"), finding="another"
    ),
    "answer added": lambda: copy_of(bound().get(finding="onset"), finding="another"),
    "impression": lambda: Opinion.objects.filter(voice="examiner").update(text="Another."),
    "own look": lambda: Opinion.objects.filter(voice="supervisor").update(site="root_L4"),
    "opinion gone": lambda: Opinion.objects.all().delete(),
    "impression added": lambda: copy_of(
        Opinion.objects.get(voice="examiner"), author=User.objects.create_user("x")
    ),
    "side": lambda: Exam.objects.update(affected_side="right"),
    "worse side": lambda: Exam.objects.update(worse_side="left"),
    "comparison": lambda: Exam.objects.update(comparison_side="none"),
    "version": lambda: Exam.objects.update(version=9),
    "opened": lambda: Exam.objects.update(opened=["vibration"]),
    "examiner": lambda: Exam.objects.update(examiner=User.objects.create_user("x")),
    "a draft again": lambda: Exam.objects.update(state="draft"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_S03_the_database_refuses_to_change_what_is_signed(
    signed: Exam, change: Callable[[], object]
) -> None:
    with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
        change()
    assert all(signature_holds(report) for report in SignedReport.objects.filter(exam=signed))


@pytest.mark.parametrize("table", [*NEVER, "exams_observation", "exams_opinion", "exams_exam"])
def test_S03_bare_sql_is_refused_too(signed: Exam, table: str) -> None:  # noqa: ARG001
    assert {guard.statement for guard in GUARDS if guard.table == table} >= {"UPDATE", "DELETE", "TRUNCATE"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table of our own
        if not cursor.fetchone()[0]:
            assert table in {"exams_redflagaction", "exams_tripwireclosure"}
            return
    with pytest.raises(IntegrityError, match=KEPT), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def test_the_record_goes_on_growing_beside_what_is_signed(owner: User, signed: Exam) -> None:
    desk = factories.desk(owner)
    held = tuple(SignedReport.objects.values_list("hash", flat=True))
    factories.answer(desk, draft(), "hip_abduction.left", "4")
    second = amend(desk=desk, exam=signed, reason="The hip was tested again.")
    factories.answer(desk, second, "hip_abduction.left", "4")
    sign(owner, second)
    signed.refresh_from_db()
    assert signed.state == Exam.State.SUPERSEDED
    void(desk=desk, exam=second, reason="Wrong patient.")
    assert tuple(SignedReport.objects.filter(exam=signed).values_list("hash", flat=True)) == held
    assert all(signature_holds(report) for report in SignedReport.objects.all())


def test_a_database_without_the_triggers_fails_its_check_and_migrate_mends_it(signed: Exam) -> None:
    assert missing(connection) == ()
    take_down(connection)
    assert {"exams_signedreport_no_update", "exams_observation_no_insert"} <= set(missing(connection))
    with pytest.raises(CommandError, match=r"signed record in 'default' can be changed unseen: .*exams_"):
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())
    told = StringIO()
    with pytest.raises(CommandError, match="do not hold"):
        call_command("verify_trail", stdout=told)
    assert "exams_signedreport_no_delete" in told.getvalue()
    call_command("migrate", verbosity=0)
    assert missing(connection) == ()
    with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
        Observation.objects.filter(exam=signed).update(token="5")


def test_what_would_stop_sqlite_from_rebuilding_a_table_is_down_while_it_migrates() -> None:
    across = {guard.name for guard in GUARDS if guard.looks_elsewhere}
    before_migrate(using="default")
    assert set(missing(connection)) == (across if connection.vendor == "sqlite" else set())
    after_migrate(using="default")
    assert missing(connection) == ()
