"""The repository: no index address, no machine's folder, vendored files as pinned, migrations complete."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tools import tracked, vendor

ROOT = vendor.ROOT


def test_no_tracked_file_names_a_package_index_or_a_folder_of_some_machine() -> None:
    assert [str(trace) for trace in tracked.traces()] == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://py" + "pi.org/simple",
        "https://files.python" + "hosted.org/packages/a.whl",
        "see /work" + "/main/run.py",
        'path = "/ro' + 'ot/.cache"',
        "resolved https://registry.np" + "mjs.org/htmx",
    ],
)
def test_the_search_finds_what_it_is_there_for(line: str) -> None:
    assert len(tracked.traces_in("some.file", f"first\n{line}\n".encode())) == 1


def test_the_search_leaves_ordinary_addresses_alone() -> None:
    line = "https://clinic.example/wo" + "rk/list and a/ro" + "ot/of it"
    assert tracked.traces_in("some.file", line.encode()) == []


def vendored() -> list[tuple[str, str]]:
    """The checksum list: digest and path of each vendored file."""
    lines = vendor.CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]


@pytest.mark.parametrize(("digest", "path"), vendored(), ids=[path for _, path in vendored()])
def test_a_vendored_file_is_the_one_that_was_pinned(digest: str, path: str) -> None:
    content = (ROOT / path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert b"sourceMappingURL" not in content


def test_every_vendored_file_stands_in_the_checksum_list_and_has_a_licence_beside_it() -> None:
    listed = {path for _, path in vendored()}
    folders = [*(package.folder for package in vendor.PACKAGES), vendor.FONTS.relative_to(ROOT)]
    present = {path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).iterdir()}
    assert present == listed
    for folder in folders:
        assert (ROOT / folder / "LICENSE").stat().st_size > 500


def test_nothing_is_vendored_outside_the_list() -> None:
    listed = {path for _, path in vendored()} | {vendor.CHECKSUMS.relative_to(ROOT).as_posix()}
    found = [name for name in tracked.tracked_files() if name.startswith(tracked.VENDORED)]
    assert set(found) <= listed


@pytest.mark.parametrize(
    ("lock", "least"),
    [("requirements.lock", 21), ("requirements-dev.lock", 40), ("requirements-oracle.lock", 1)],
)
def test_a_lock_pins_every_package_with_a_hash(lock: str, least: int) -> None:
    entries = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert len(entries) >= least
    for entry in entries:
        assert "==" in entry, entry
        assert "--hash=sha256:" in entry, entry


def test_the_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.split(";")[0].rstrip("\\ ") for line in lines if line and not line.startswith(" ")}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")

    def packages(name: str) -> set[str]:
        return {pin.partition("==")[0] for pin in pins(name)}

    assert not packages("requirements-oracle.lock") & packages("requirements-dev.lock")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=output)
    assert "No changes detected" in output.getvalue()


@pytest.mark.django_db
def test_the_run_uses_the_database_that_was_asked_for() -> None:
    assert connection.vendor == os.environ.get("FOOTDROP_TEST_DATABASE", "sqlite")
    if connection.vendor == "sqlite":
        assert Path(str(connection.settings_dict["NAME"])).is_file()
