"""The trail: one event per act, in the act's transaction, in a chain that shows any tampering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

from clinics.audit import CHAINED, ERASED, record, record_view, values_of, verify_chain
from clinics.desk import Desk
from clinics.models import AuditEvent, AuditValues, ChainHead, Clinic, SubjectKey
from tests import factories
from tests.plugins.flushing import unguarded


@pytest.fixture
def desk(db: None) -> Desk:  # noqa: ARG001
    here = factories.clinic()
    return factories.desk(factories.person(here))


def write(desk: Desk, count: int = 5) -> list[AuditEvent]:
    """Append `count` events about one patient."""
    subject = uuid4()
    with transaction.atomic():
        return [
            record(desk, "answer.saved", desk.clinic, values={"token": "4-", "number": n}, subject=subject)
            for n in range(count)
        ]


def test_an_event_says_who_when_where_what_and_with_which_values(desk: Desk) -> None:
    event = write(desk, 1)[0]
    stored = AuditEvent.objects.get(pk=event.pk)
    assert (stored.user, stored.role, stored.address) == (desk.user, "examiner", factories.ADDRESS)
    assert (stored.act, stored.object_type, stored.object_id) == (
        "answer.saved",
        "clinic",
        str(desk.clinic.pk),
    )
    assert stored.at.tzinfo is not None
    assert values_of(stored) == {"token": "4-", "number": 0}


def test_values_do_not_stand_readable_in_the_database(desk: Desk) -> None:
    with transaction.atomic():
        event = record(desk, "answer.saved", desk.clinic, values={"note": "KIWICANARY"}, subject=uuid4())
    assert b"KIWICANARY" not in bytes(AuditValues.objects.get(event=event).token)


def test_I01_every_field_of_an_event_is_under_its_hash() -> None:
    stored = set(vars(AuditEvent()))
    assert set(CHAINED) == stored - {"_state", "id", "hash"}


def test_I02_a_view_is_one_event(desk: Desk) -> None:
    record_view(desk, desk.clinic, subject=None)
    assert list(AuditEvent.objects.values_list("act", flat=True)) == ["clinic.viewed"]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    here = factories.desk(factories.person(factories.clinic()))
    with pytest.raises(TransactionManagementError):
        record(here, "answer.saved", here.clinic)
    assert not AuditEvent.objects.exists()


def test_an_event_is_never_changed_or_deleted_by_the_app(desk: Desk) -> None:
    event = write(desk, 1)[0]
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    assert verify_chain(desk.clinic) is None


def test_a_whole_chain_verifies_and_clinics_have_chains_of_their_own(desk: Desk) -> None:
    other = factories.desk(factories.person(factories.clinic("Hillside"), name="Sue Stranger"))
    write(desk), write(other, 2), write(desk)
    numbers = AuditEvent.objects.filter(clinic=desk.clinic).values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 11))
    assert verify_chain(desk.clinic) is None
    assert verify_chain(other.clinic) is None


def test_an_empty_chain_verifies(desk: Desk) -> None:
    assert verify_chain(desk.clinic) is None


def edit(**change: object) -> Callable[[Clinic], None]:
    def tamper(here: Clinic) -> None:
        AuditEvent.objects.filter(clinic=here, sequence=3).update(**change)

    return tamper


def remove(here: Clinic) -> None:
    event = AuditEvent.objects.filter(clinic=here, sequence=3)
    AuditValues.objects.filter(event__in=event).delete()
    event.delete()


def cut_the_tail(here: Clinic) -> None:
    events = AuditEvent.objects.filter(clinic=here, sequence__gte=3)
    AuditValues.objects.filter(event__in=events).delete()
    events.delete()


def swap_two(here: Clinic) -> None:
    for number, other in ((3, 99), (4, 3), (99, 4)):
        AuditEvent.objects.filter(clinic=here, sequence=number).update(sequence=other)


def swap_values(here: Clinic) -> None:
    third, fourth = AuditValues.objects.filter(event__clinic=here, event__sequence__in=(3, 4)).order_by(
        "event"
    )
    AuditValues.objects.filter(pk=third.pk).update(token=fourth.token)


def forge_values(here: Clinic) -> None:
    AuditValues.objects.filter(event__clinic=here, event__sequence=3).update(token=b"forged")


def drop_values(here: Clinic) -> None:
    AuditValues.objects.filter(event__clinic=here, event__sequence=3).delete()


def rebuild_without_the_key(here: Clinic) -> None:
    AuditEvent.objects.filter(clinic=here, sequence=3).update(act="nothing.happened", hash="0" * 64)
    AuditEvent.objects.filter(clinic=here, sequence=4).update(previous_hash="0" * 64)


@pytest.mark.parametrize(
    "tamper",
    [
        edit(act="exam.viewed"),
        edit(role="supervisor"),
        edit(address="198.51.100.1"),
        edit(subject=None),
        edit(values_digest="0" * 64),
        edit(hash="0" * 64),
        edit(at="2020-01-01T00:00:00Z"),
        edit(user=None),
        remove,
        cut_the_tail,
        swap_two,
        swap_values,
        forge_values,
        drop_values,
        rebuild_without_the_key,
    ],
)
def test_I04_tampering_shows_at_the_first_bad_number(desk: Desk, tamper: Callable[[Clinic], None]) -> None:
    write(desk)
    with unguarded():
        tamper(desk.clinic)
    assert verify_chain(desk.clinic) == 3


def test_I04_a_removed_patient_key_shows_unless_the_patient_was_erased(desk: Desk) -> None:
    event = write(desk)[0]
    assert event.subject
    SubjectKey.objects.filter(subject=event.subject).delete()
    assert verify_chain(desk.clinic) == 1
    with transaction.atomic():
        record(desk, ERASED, desk.clinic, subject=event.subject)
    SubjectKey.objects.filter(subject=event.subject).delete()
    assert verify_chain(desk.clinic) is None
    assert values_of(event) is None


def test_I04_a_chain_written_with_another_key_does_not_verify(
    desk: Desk, settings: pytest.FixtureRequest
) -> None:
    write(desk)
    settings.AUDIT_KEY = "another key " * 5  # type: ignore[attr-defined]
    assert verify_chain(desk.clinic) == 1


WRITERS, EACH, EACH_OF_LONG = 8, 50, 500


@pytest.mark.django_db(transaction=True)
def test_I05_eight_writers_never_fork_the_chain() -> None:
    write_side_by_side(EACH)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_I05_eight_writers_of_five_hundred_never_fork_the_chain() -> None:
    write_side_by_side(EACH_OF_LONG)


def write_side_by_side(each: int) -> None:
    """Have eight people write `each` events at the same time; the chain is one line without a gap."""
    here = factories.clinic()
    desks = [factories.desk(factories.person(here, name=f"Writer Number{n}")) for n in range(WRITERS)]
    failures: list[BaseException] = []
    start = threading.Barrier(WRITERS)

    def run(desk: Desk) -> None:
        try:
            start.wait()
            for n in range(each):
                with transaction.atomic():
                    record(desk, "answer.saved", desk.clinic, values={"number": n})
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    events = AuditEvent.objects.filter(clinic=here)
    assert events.count() == WRITERS * each
    assert events.values("previous_hash").distinct().count() == WRITERS * each
    assert list(events.values_list("sequence", flat=True)) == list(range(1, WRITERS * each + 1))
    assert ChainHead.objects.get(clinic=here).sequence == WRITERS * each
    assert verify_chain(here) is None


@pytest.mark.django_db(transaction=True)
def test_I06_an_act_that_is_rolled_back_leaves_no_event_and_no_gap() -> None:
    desk = factories.desk(factories.person(factories.clinic()))
    write(desk, 2)
    with transaction.atomic():
        record(desk, "answer.saved", desk.clinic)
        transaction.set_rollback(True)
    write(desk, 1)
    assert list(AuditEvent.objects.values_list("sequence", flat=True)) == [1, 2, 3]
    assert verify_chain(desk.clinic) is None
