"""The database itself refuses to change the trail, whoever asks, and says so when it would not."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clinics.append_only import GUARDS, MESSAGE, missing, take_down
from clinics.audit import record, verify_chain
from clinics.desk import Desk
from clinics.models import AuditEvent, AuditValues, ChainHead, SubjectKey
from tests import factories

EVENT, VALUES = AuditEvent.objects.filter(sequence=1), AuditValues.objects.filter(event__sequence=1)
CHANGES: dict[str, Callable[[], object]] = {
    "event changed": lambda: EVENT.update(role="supervisor"),
    "event changed to what it was": lambda: EVENT.update(sequence=1),
    "event deleted": lambda: AuditEvent.objects.filter(sequence=2).delete(),
    "values changed": lambda: VALUES.update(token=b"forged"),
    "values deleted": VALUES.delete,
    "key changed": lambda: SubjectKey.objects.update(key=b"another"),
    "head set back": lambda: ChainHead.objects.update(sequence=1),
    "head kept, hash changed": lambda: ChainHead.objects.update(hash="0" * 64),
    "head jumps": lambda: ChainHead.objects.update(sequence=9),
    "head deleted": lambda: ChainHead.objects.all().delete(),
}


@pytest.fixture
def desk(db: None) -> Desk:  # noqa: ARG001
    """Somebody in whose clinic two things have been done: one with values, one without."""
    here = factories.desk(factories.person(factories.clinic()))
    with transaction.atomic():
        record(here, "answer.saved", here.clinic, values={"token": "4-"}, subject=uuid4())
        record(here, "exam.viewed", here.clinic, subject=uuid4())
    return here


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_I03_the_database_refuses_to_change_the_trail(desk: Desk, change: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=MESSAGE), transaction.atomic():
        change()
    assert verify_chain(desk.clinic) is None
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE clinics_auditevent SET role = ''", "DELETE FROM clinics_auditevent"]
)
def test_I03_bare_sql_is_refused_too(desk: Desk, statement: str) -> None:
    with pytest.raises(IntegrityError, match=MESSAGE), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_chain(desk.clinic) is None


@pytest.mark.django_db(transaction=True)
def test_I03_truncate_is_refused_where_there_is_one() -> None:
    tables = {guard.table for guard in GUARDS if guard.statement == "TRUNCATE"}
    assert tables == {"clinics_auditevent", "clinics_auditvalues", "clinics_chainhead", "clinics_subjectkey"}
    here = factories.desk(factories.person(factories.clinic()))
    with transaction.atomic():
        record(here, "exam.viewed", here.clinic)
    statement = "DELETE FROM" if connection.vendor == "sqlite" else "TRUNCATE"
    with pytest.raises(IntegrityError, match=MESSAGE), connection.cursor() as cursor:
        cursor.execute(
            f"{statement} clinics_auditevent" + ("" if connection.vendor == "sqlite" else " CASCADE")
        )
    assert verify_chain(here.clinic) is None


def test_I03_the_trail_still_grows_and_an_erased_patients_key_may_go(desk: Desk) -> None:
    with transaction.atomic():
        record(desk, "answer.saved", desk.clinic, values={"token": "5"}, subject=uuid4())
    assert ChainHead.objects.get(clinic=desk.clinic).sequence == 3
    about = AuditEvent.objects.filter(sequence=1).values("subject")
    assert SubjectKey.objects.filter(subject__in=about).delete()[0] == 1


def test_I03_a_database_without_the_triggers_fails_its_check_and_migrate_mends_it(desk: Desk) -> None:
    assert missing(connection) == ()
    take_down(connection)
    assert {"clinics_auditevent_no_update", "clinics_chainhead_no_update"} <= set(missing(connection))
    with pytest.raises(CommandError, match="can be changed unseen: it lacks clinics_auditevent_no_update"):
        call_command("check", databases=["default"], stdout=StringIO(), stderr=StringIO())
    told = StringIO()
    with pytest.raises(CommandError, match="1 of the above do not hold"):
        call_command("verify_trail", stdout=told)
    assert "can be changed unseen: it lacks clinics_auditevent_no_update" in told.getvalue()
    call_command("migrate", verbosity=0, skip_checks=False)  # as from the command line
    assert missing(connection) == ()
    call_command("check", databases=["default"], stdout=StringIO())
    assert verify_chain(desk.clinic) is None
