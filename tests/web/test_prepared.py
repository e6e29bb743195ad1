"""A row read, changed or added by its written statement is the row that Django itself would read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.models import AuditEvent, AuditValues, ChainHead, Clinic, SubjectKey
from clinics.prepared import add_row, change_rows, one_row
from exams.answer import answer_id
from exams.models import Exam, Observation, SavedRequest
from tests import factories

if TYPE_CHECKING:
    from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db
# What a text of the record may hold: all that can be typed, but for NUL, which PostgreSQL cannot keep.
TYPED = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def draft(owner: User) -> Exam:
    made = factories.exam(factories.desk(owner), answers={"hip_abduction.left": "3", "saddle": "normal"})
    Exam.objects.filter(pk=made.pk).update(opened=["ankle_clonus"], submitted=None)
    return made


def held(row: Model | None) -> dict[str, Any]:
    """Return all that a row says, with its types: bytes stand for what a database calls its own."""
    assert row is not None
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}


def typed(row: Model | None) -> dict[str, tuple[type, Any]]:
    return {name: (type(value), value) for name, value in held(row).items()}


@pytest.mark.parametrize(
    "model", [Exam, Observation, ChainHead, SubjectKey, AuditEvent, AuditValues, SavedRequest, Clinic]
)
def test_a_row_reads_as_django_reads_it(model: type[Any], draft: Exam, owner: User) -> None:
    factories.answer(factories.desk(owner), draft, "ankle_inversion.left", "4")
    rows = list(model.objects.all())
    assert rows
    for row in rows:
        found = one_row(model, {"pk": row.pk})
        assert typed(found) == typed(row)
        assert found is not None
        assert not found._state.adding


def test_a_row_is_told_from_others_by_every_value_that_is_named(draft: Exam) -> None:
    at = {"clinic": draft.clinic_id, "exam": draft.pk, "finding": "hip_abduction", "side": "left"}
    row = one_row(Observation, at)
    assert row is not None
    assert (row.finding, row.side, row.token) == ("hip_abduction", "left", "3")
    for other in ({"clinic": uuid4()}, {"exam": uuid4()}, {"finding": "saddle"}, {"side": "right"}):
        assert one_row(Observation, at | other) is None
    # The same names in another order are other holes of the statement.
    assert held(one_row(Observation, dict(reversed(at.items())))) == held(row)


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_in_a_transaction_only(draft: Exam) -> None:
    with pytest.raises(transaction.TransactionManagementError, match="none is open"):
        one_row(Exam, {"pk": draft.pk}, locked=True)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        one_row(Exam, {"pk": draft.pk})
        one_row(Exam, {"pk": draft.pk}, locked=True)
    locks = [one["sql"].endswith(" FOR UPDATE") for one in asked if one["sql"].startswith("SELECT")]
    assert locks == [False, connection.features.has_select_for_update]


def test_only_the_rows_that_have_the_values_are_changed(draft: Exam) -> None:
    at = {"exam": draft.pk, "finding": "hip_abduction"}
    now = timezone.now() + timedelta(days=1)
    assert change_rows(Observation, {**at, "revision": 99}, {"token": "5"}) == 0
    assert change_rows(Observation, at, {"token": "5", "recorded": now, "not_tested": False}) == 1
    found = {row.finding: row for row in Observation.objects.filter(exam=draft)}
    assert (found["hip_abduction"].token, found["hip_abduction"].recorded) == ("5", now)
    assert found["saddle"].token == "normal"
    assert change_rows(Exam, {"pk": draft.pk}, {"opened": ["saddle", "gait_pattern"]}) == 1
    assert Exam.objects.get(pk=draft.pk).opened == ["saddle", "gait_pattern"]


@given(note=TYPED, trials=TYPED, revision=st.integers(0, 2**31 - 1), not_tested=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_added_is_what_django_reads(
    draft: Exam, owner: User, note: str, trials: str, revision: int, not_tested: bool
) -> None:
    row = Observation(
        id=answer_id(draft, "dorsum_foot", "left"),
        clinic=draft.clinic,
        exam=draft,
        finding="dorsum_foot",
        side="left",
        token="" if not_tested else "reduced",
        not_tested=not_tested,
        note=note,
        trials=trials,
        revision=revision,
        recorded_by=owner,
        recorded=timezone.now(),
    )
    with transaction.atomic():
        assert add_row(row) is row
        assert not row._state.adding
        assert held(Observation.objects.get(pk=row.pk)) == held(row)
        transaction.set_rollback(True)


def test_a_key_that_the_database_gives_is_set_and_what_is_unique_stays_so(draft: Exam, owner: User) -> None:
    def request() -> SavedRequest:
        return SavedRequest(
            clinic=draft.clinic, exam=draft, user=owner, key="k" * 8, revision=1, at=timezone.now()
        )

    first = add_row(request())
    assert SavedRequest.objects.get(key=first.key).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        add_row(request())
    assert SavedRequest.objects.filter(key=first.key).count() == 1
