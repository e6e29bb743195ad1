"""The fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import DjangoDbBlocker

from tests.people import *  # noqa: F403


@pytest.fixture(autouse=True)
def _forget_counted_attempts(
    request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Empty the shared counters after a test that commits: a flush empties the models' tables only."""
    yield
    if commits(request):
        with django_db_blocker.unblock():
            cache.clear()


def commits(request: pytest.FixtureRequest) -> bool:
    """Say whether the test writes to the database for good, as live servers and threads do."""
    marker = request.node.get_closest_marker("django_db")
    is_marked = marker is not None and bool(marker.kwargs.get("transaction"))
    return is_marked or bool({"transactional_db", "live_server"} & set(request.fixturenames))
