"""Chooses the database of a test run, SQLite in a file or PostgreSQL, before Django reads its settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator

import pytest

from tests.plugins.postgresql import Server, ServerError

VENDORS = ("sqlite", "postgresql")


def wanted_vendor() -> str:
    """Return the database that FOOTDROP_TEST_DATABASE asks for; raises UsageError for an unknown one."""
    vendor = os.environ.get("FOOTDROP_TEST_DATABASE", "sqlite")
    if vendor not in VENDORS:
        message = f"FOOTDROP_TEST_DATABASE is {vendor!r}; it must be one of {', '.join(VENDORS)}"
        raise pytest.UsageError(message)
    return vendor


def start_server(config: pytest.Config) -> str:
    """Start PostgreSQL for the length of the run and return its address; raises UsageError without one."""
    try:
        server = Server()
        config.add_cleanup(server.stop)
        server.start()
    except ServerError as error:
        raise pytest.UsageError(str(error)) from error
    return server.url


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Point DATABASE_URL at the run's database: a wrapper runs before pytest-django reads the settings."""
    # A parallel worker inherits the addresses from the run that started it, so one server serves all.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        vendor = wanted_vendor()
        folder = tempfile.TemporaryDirectory(prefix="footdrop-test-", ignore_cleanup_errors=True)
        early_config.add_cleanup(folder.cleanup)
        # Keys, the collected static files and SQLite's file: a test run leaves var/ alone.
        os.environ["FOOTDROP_VAR"] = folder.name
        os.environ.pop("DATABASE_URL", None)
        if vendor == "postgresql":
            os.environ["DATABASE_URL"] = start_server(early_config)
    return (yield)


def uses_database(item: pytest.Item) -> bool:
    """Tell whether a test touches the database, by its marker or its fixtures."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or not fixtures.isdisjoint(
        {"db", "transactional_db", "live_server"}
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep to the tests that touch a database when the run is there to prove the second database."""
    if wanted_vendor() != "postgresql" or config.getoption("--every-test"):
        return
    kept = [item for item in items if uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that runs pure tests on PostgreSQL too."""
    parser.addoption(
        "--every-test", action="store_true", help="on PostgreSQL, run also the tests that use no database"
    )
