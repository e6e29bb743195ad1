"""A database that is full, read-only or gone: said plainly, nothing half-saved, and well again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from clinics import sessions
from clinics.audit import verify_chain
from clinics.models import AuditEvent
from clinics.outages import outage
from exams.models import Exam, Observation
from exams.steps import STEPS
from localization import CATALOGUE
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = "Everything saved before is kept."


def _tell(sqlite: str, postgresql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgresql)


@contextmanager
def read_only() -> Iterator[None]:
    """Let the database refuse every write."""
    _tell("PRAGMA query_only = ON", "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _tell("PRAGMA query_only = OFF", "SET default_transaction_read_only = off")


@contextmanager
def full() -> Iterator[None]:
    """Let the database's file not grow; PostgreSQL, whose disk a test cannot fill, refuses writes."""
    if connection.vendor != "sqlite":
        with read_only():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA max_page_count = 1")  # never less than what is there
    try:
        yield
    finally:
        _tell("PRAGMA max_page_count = 1073741823", "")


CONDITIONS: dict[str, Callable[[], Any]] = {"read-only": read_only, "full": full}


@pytest.fixture(params=CONDITIONS)
def trouble(request: pytest.FixtureRequest) -> Callable[[], Any]:
    return CONDITIONS[request.param]


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner))


@pytest.fixture
def examiner(owner: User) -> Client:
    """The exam's examiner, whose browser shows the page of a server's failure instead of raising it."""
    client = Client(raise_request_exception=False, headers={"Origin": "http://testserver"})
    client.force_login(owner)
    return client


def long_step() -> dict[str, str]:
    """Return a step's form with enough long notes that no page of the database has room left for it."""
    step = next(step for step in STEPS if step.slug == "red-flags")
    return {
        f"{finding}.{part}": value
        for finding in step.finding_ids
        if not CATALOGUE[finding].sided
        for part, value in {
            "token": CATALOGUE[finding].scale.values[0].token,
            "revision": "0",
            "note": f"Asked twice, {finding}. " * 12,
        }.items()
    }


def counts() -> tuple[int, int]:
    return Observation.objects.count(), AuditEvent.objects.filter(act__startswith="answer.").count()


def test_a_step_posted_in_trouble_is_refused_kept_and_can_be_sent_again(
    examiner: Client, draft: Exam, trouble: Callable[[], Any]
) -> None:
    address, form = reverse("exams:step", args=[draft.pk, "red-flags"]), long_step()
    with trouble():
        answer = examiner.post(address, form)
        page = answer.content.decode()
        assert answer.status_code == 503
        assert answer["Retry-After"] == "10"
        assert KEPT in page
        assert "What you just sent was not saved. It is kept below" in " ".join(page.split())
        assert "Asked twice, cancer." in page
        assert f'action="{address}"' in page
        assert 'name="csrfmiddlewaretoken"' in page
        assert counts() == (0, 0)
    again = examiner.post(address, form)
    assert again.status_code == 302
    findings = len(form) // 3
    assert counts() == (findings, findings)
    assert verify_chain(draft.clinic) is None


def test_an_answer_autosaved_in_trouble_is_503_and_the_same_key_saves_it_once_afterwards(
    examiner: Client, draft: Exam
) -> None:
    address = reverse("exams:answer", args=[draft.pk])
    body = {
        "finding": "hip_abduction",
        "side": "left",
        "hip_abduction.left.token": "3",
        "hip_abduction.left.revision": "0",
        "key": uuid4().hex,
        "step": "hip-abduction",
    }
    with read_only():
        for _ in range(3):
            answer = examiner.post(address, body, headers={"HX-Request": "true"})
            assert answer.status_code == 503
            assert answer.content.decode().startswith("Not saved: the server cannot write to its record")
            assert counts() == (0, 0)
    for _ in range(2):
        assert examiner.post(address, body, headers={"HX-Request": "true"}).status_code == 200
    assert counts() == (1, 1)


def test_a_session_that_cannot_be_written_is_the_same_plain_page(examiner: Client, owner: User) -> None:
    assert examiner.get(reverse("exams:about")).status_code == 200
    store = SessionStore(examiner.session.session_key)
    store[sessions.LAST_ACT] -= 60  # so that this request would be written down as an act
    store.save()
    with read_only():
        answer = examiner.get(reverse("exams:about"))
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "The record is out of reach" in page
    assert "Reload this page in a moment." in page
    assert owner.email not in page
    assert examiner.get(reverse("exams:about")).status_code == 200


def test_a_form_of_another_site_is_not_kept_on_the_page(owner: User, draft: Exam) -> None:
    client = Client(raise_request_exception=False, headers={"Origin": "https://elsewhere.example"})
    client.force_login(owner)
    with read_only():
        answer = client.post(reverse("exams:step", args=[draft.pk, "red-flags"]), long_step())
    assert answer.status_code == 503
    assert "Asked twice" not in answer.content.decode()
    assert "Send them again" not in answer.content.decode()


class CauseError(Exception):
    """An error as a database's driver raises it."""

    def __init__(self, **code: Any) -> None:
        for name, value in code.items():
            setattr(self, name, value)


def caused(error: Exception, **code: Any) -> Exception:
    error.__cause__ = CauseError(**code) if code else None
    return error


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (caused(OperationalError(), sqlite_errorcode=13, sqlite_errorname="SQLITE_FULL"), "SQLITE_FULL"),
        (
            caused(OperationalError(), sqlite_errorcode=1032, sqlite_errorname="SQLITE_READONLY_DBMOVED"),
            "SQLITE_R",
        ),
        (caused(OperationalError(), sqlite_errorcode=5, sqlite_errorname="SQLITE_BUSY"), "SQLITE_BUSY"),
        (caused(OperationalError(), sqlite_errorcode=1, sqlite_errorname="SQLITE_ERROR"), ""),
        (caused(IntegrityError(), sqlite_errorcode=19, sqlite_errorname="SQLITE_CONSTRAINT"), ""),
        (caused(OperationalError(), sqlstate="53100"), "SQLSTATE 53100"),
        (caused(DatabaseError(), sqlstate="25006"), "SQLSTATE 25006"),
        (caused(OperationalError(), sqlstate="57P01"), "SQLSTATE 57P01"),
        (caused(DatabaseError(), sqlstate="42P01"), ""),
        (caused(OperationalError()), "OperationalError"),
        (caused(DatabaseError()), ""),
        (ValueError("database or disk is full"), ""),
        (caused(ValueError(), sqlite_errorcode=13, sqlite_errorname="SQLITE_FULL"), ""),
    ],
    ids=str,
)
def test_only_what_a_later_attempt_may_mend_counts_as_an_outage(error: Exception, name: str) -> None:
    assert outage(error).startswith(name)
    assert bool(outage(error)) == bool(name)
