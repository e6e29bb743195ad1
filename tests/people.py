"""The people of every test about permission: an owner, colleagues in each role, and strangers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clinics.models import Clinic
from tests import factories


@pytest.fixture
def clinic(db: None) -> Clinic:  # noqa: ARG001
    return factories.clinic()


@pytest.fixture
def other_clinic(db: None) -> Clinic:  # noqa: ARG001
    return factories.clinic("Hillside Rehabilitation")


@pytest.fixture
def owner(clinic: Clinic) -> User:
    """The examiner who recorded the exam."""
    return factories.person(clinic, "examiner", "Olive Owner")


@pytest.fixture
def colleague(clinic: Clinic) -> User:
    """Another examiner of the same clinic."""
    return factories.person(clinic, "examiner", "Colin Colleague")


@pytest.fixture
def student(clinic: Clinic) -> User:
    return factories.person(clinic, "student", "Stella Student")


@pytest.fixture
def supervisor(clinic: Clinic) -> User:
    return factories.person(clinic, "supervisor", "Simon Supervisor")


@pytest.fixture
def clinic_admin(clinic: Clinic) -> User:
    return factories.person(clinic, "clinic_admin", "Adele Admin")


@pytest.fixture
def auditor(clinic: Clinic) -> User:
    return factories.person(clinic, "auditor", "Arthur Auditor")


@pytest.fixture
def stranger(other_clinic: Clinic) -> User:
    """An examiner of another clinic."""
    return factories.person(other_clinic, "examiner", "Sue Stranger")


@pytest.fixture
def commuter(clinic: Clinic, other_clinic: Clinic) -> User:
    """An examiner of one clinic who supervises in another."""
    user = factories.person(clinic, "examiner", "Cora Commuter")
    factories.join(user, other_clinic, "supervisor")
    return user


def signed_in(user: User, *, raises: bool = True) -> Client:
    """Return the browser of a signed-in person; without `raises`, a crash is answered as its 500 page."""
    client = Client(raise_request_exception=raises)
    client.force_login(user)
    return client


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Return a way to get the browser of a signed-in person."""
    return signed_in
