"""Settings of a served clinic, read in a process of their own; and what the database really runs with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, override_settings
from django.urls import path

ROOT = Path(settings.BASE_DIR)
KEY, OTHER_KEY = "k" * 20 + "production-key-" * 4, "a" * 20 + "audit-key-" * 5
SERVED = {
    "FOOTDROP_SECRET_KEY": KEY,
    "FOOTDROP_AUDIT_KEY": OTHER_KEY,
    "FOOTDROP_ALLOWED_HOSTS": "clinic.example",
}
SHOW = """
import django, json, sys
django.setup()
from django.conf import settings
from django.test import Client
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
ASK = """
import django
django.setup()
from unittest import mock
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_user("p", "p@example.org", "a long enough phrase")
client = Client(headers={"host": "clinic.example"})
plain = client.get("/accounts/sign-in/")
print(plain.status_code, plain.headers["Location"])
health = client.get("/healthz")
print(health.status_code)
page = client.get("/accounts/sign-in/", secure=True)
print(page.status_code, page.headers["Strict-Transport-Security"])
who = {"login": "p@example.org", "password": "a long enough phrase"}
answer = client.post("/accounts/sign-in/", who, secure=True)
print(answer.status_code)
said = ("secure", "httponly", "samesite", "path", "domain")
for name, cookie in sorted(answer.cookies.items()):
    print(name, *(repr(cookie[part]) for part in said))
print(User.objects.get().password.split("$")[0])
"""


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a served clinic would, with nothing of this test run in its environment."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    clean |= {"DJANGO_SETTINGS_MODULE": "footdrop.settings", "FOOTDROP_VAR": str(folder), **environment}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=clean, capture_output=True, text=True, check=False
    )


def test_H01_a_served_clinic_passes_the_deployment_check(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **SERVED)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"FOOTDROP_SECRET_KEY": ""}, "FOOTDROP_SECRET_KEY must hold 50 random characters"),
        ({"FOOTDROP_SECRET_KEY": "short"}, "FOOTDROP_SECRET_KEY must hold 50 random characters"),
        ({"FOOTDROP_AUDIT_KEY": ""}, "FOOTDROP_AUDIT_KEY must hold 50 random characters"),
        ({"FOOTDROP_ALLOWED_HOSTS": ""}, "FOOTDROP_ALLOWED_HOSTS must name the hosts"),
        ({"FOOTDROP_ALLOWED_HOSTS": "*"}, "FOOTDROP_ALLOWED_HOSTS must name its hosts one by one"),
        ({"FOOTDROP_DEBUG": "yes"}, "FOOTDROP_DEBUG must be 1 or 0"),
        ({"FOOTDROP_DEMO": "true"}, "FOOTDROP_DEMO must be 1 or 0"),
        ({"FOOTDROP_TRUSTED_PROXIES": "-1"}, "FOOTDROP_TRUSTED_PROXIES must be a whole number"),
        ({"FOOTDROP_SECRET_KEY": "", "FOOTDROP_SECRET_KEY_FILE": "/nowhere"}, "cannot be read"),
        ({"FOOTDROP_DEMO": "1", "FOOTDROP_ALLOWED_HOSTS": "*"}, "one by one"),
    ],
)
def test_H01_a_wrong_setting_stops_the_start_and_is_named(
    tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    done = run(tmp_path, "manage.py", "check", **{**SERVED, **wrong})
    assert done.returncode != 0
    assert told in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{KEY}\n")
    given = {**SERVED, "FOOTDROP_SECRET_KEY": "", "FOOTDROP_SECRET_KEY_FILE": str(file)}
    done = run(tmp_path, "-c", SHOW, "SECRET_KEY", **given)
    assert f'"{KEY}"' in done.stdout, done.stderr


def test_A11_a_demo_makes_its_own_keys_once_and_keeps_them(tmp_path: Path) -> None:
    first, second = (
        run(tmp_path, "-c", SHOW, "SECRET_KEY", "AUDIT_KEY", FOOTDROP_DEMO="1") for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    for name in ("footdrop_secret_key", "footdrop_audit_key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_A07_H08_over_https_the_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", ASK, **SERVED)
    assert done.stdout.splitlines() == [
        "301 https://clinic.example/accounts/sign-in/",
        "200",
        "200 max-age=31536000; includeSubDomains",
        "302",
        "__Host-footdrop-csrf True True 'Lax' '/' ''",
        "__Host-footdrop-session True True 'Lax' '/' ''",
        "argon2",
    ], done.stderr


def pragmas(_request: HttpRequest) -> HttpResponse:
    """Tell with what the connection of a live request runs."""
    found = {}
    with connection.cursor() as cursor:
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {name}")
            found[name] = cursor.fetchone()[0]
    found["begin"] = getattr(connection, "transaction_mode", None)
    return JsonResponse(found)


urlpatterns = [path("pragmas", pragmas)]


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF="tests.web.test_security_settings")
def test_D03_a_live_request_runs_with_the_durable_settings() -> None:
    if connection.vendor == "sqlite":
        assert Client().get("/pragmas").json() == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 20000,
            "begin": "IMMEDIATE",
        }
        assert connection.settings_dict["TEST"]["NAME"] != ":memory:"
    assert connection.settings_dict["CONN_MAX_AGE"] > 0


def test_D03_nothing_of_ours_makes_postgresql_forget(tmp_path: Path) -> None:
    address = "postgresql://someone:secret@database:5432/footdrop"
    done = run(tmp_path, "-c", SHOW, "DATABASES", DATABASE_URL=address, **SERVED)
    assert "synchronous_commit" not in done.stdout
    assert "fsync" not in done.stdout
    assert '"CONN_MAX_AGE": 600' in done.stdout, done.stderr
