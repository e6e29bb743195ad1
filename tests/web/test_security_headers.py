"""What every response carries: nothing is stored, nothing is shared, nothing runs that is not ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, TestCase

from footdrop.logs import WithoutValues
from tests import worlds
from tests.web.routes import form_for, routes
from tests.web.witness import HX, send
from tests.worlds import CANARIES, Place

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), usb=()",
}
HTMX_CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "timeout": 10000,
}
TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Each would need the policy to be weaker than it is, or would run text as code.
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=",
    "a handler of htmx": r"hx-on",
    "code in hx-vals": r"\bjs:|\bjavascript:",
    "a filter on a trigger": r'hx-trigger="[^"]*\[',
    "an inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
    "a style block": r"<style\b",
    "autoescaping off": r"{%\s*autoescape\s+off",
}
# Text for mail, where an escaped sign would be wrong, and never shown in a page.
PLAIN_TEXT = {".txt"}


def policy_of(answer: HttpResponseBase) -> dict[str, str]:
    """Return the content policy as the browser reads it."""
    said = answer.headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in said.split(";") if part)


def assert_guarded(answer: HttpResponseBase, where: str) -> None:
    """Fail unless the response is under the policy, in no cache, and shared with nobody."""
    assert policy_of(answer) == POLICY, where
    assert answer.headers["Cache-Control"] == "no-store", where
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, (where, name)


class EveryAnswer(TestCase):
    """All addresses, as anonymous, examiner, supervisor and auditor, whole and as fragments, GET and POST."""

    ours: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ours = worlds.place(CANARIES[0])

    def answers(
        self, methods: tuple[str, ...] = ("GET", "POST"), kinds: tuple[dict[str, str], ...] = ({}, HX)
    ) -> Iterator[tuple[str, HttpResponse]]:
        for role in ("", "auditor", "examiner", "supervisor"):
            for route in routes():
                client = Client(raise_request_exception=False)
                if role:
                    client.force_login(self.ours.people[role])
                for method in methods:
                    for headers in kinds:
                        form = form_for(route.name, self.ours)
                        answer = send(client, method, route.own(self.ours), form, headers)
                        yield f"{role} {method} {route.name} {headers} {answer.status_code}", answer

    def test_H02_H04_H08_every_answer_is_guarded(self) -> None:
        statuses = set()
        for where, answer in self.answers():
            assert_guarded(answer, where)
            statuses.add(answer.status_code)
        assert {200, 302, 401, 403, 405} <= statuses

    def test_H03_every_whole_page_configures_htmx_strictly(self) -> None:
        pages = 0
        for where, answer in self.answers(methods=("GET",), kinds=({},)):
            text = answer.content.decode("utf-8", "replace")
            if "<html" not in text or answer.get("Content-Type", "").startswith("application/pdf"):
                continue
            pages += 1
            if answer.status_code == 500:
                continue
            found = re.search(r"<meta name=\"htmx-config\"\s+content='([^']+)'", text)
            assert found, where
            config = json.loads(found[1])
            assert config | HTMX_CONFIG == config, where
            swapped = [rule for rule in config["responseHandling"] if rule["swap"] and not rule.get("error")]
            codes = " ".join(rule["code"] for rule in swapped)
            assert "409" in codes, where
            assert "422" in codes, where
            assert 'hx-history="false"' in text, where
        assert pages > 30

    def test_H02_H04_a_failure_is_guarded_and_says_nothing_of_its_cause(self) -> None:
        client = Client(raise_request_exception=False)
        client.force_login(self.ours.people["examiner"])
        cause = ValueError(self.ours.canary)
        with mock.patch("exams.views.home.desktop_of", side_effect=cause):
            answer = client.get("/")
        assert answer.status_code == 500
        assert_guarded(answer, "500")
        assert self.ours.canary not in answer.content.decode()
        assert "not saved" in answer.content.decode()

    def test_H02_H04_addresses_that_do_not_exist_are_guarded(self) -> None:
        for address in ("/nowhere/", "/static/nowhere.css", "/patients/no-uuid/", "/%00/", "/admin/"):
            answer = self.client.get(address)
            assert answer.status_code == 404, address
            assert_guarded(answer, address)

    def test_H02_H04_a_host_that_is_not_ours_is_refused_and_guarded(self) -> None:
        answer = self.client.get("/", headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert_guarded(answer, "400")

    def test_H07_the_log_of_a_failure_tells_the_place_and_never_the_values(self) -> None:
        client = Client(raise_request_exception=False)
        client.force_login(self.ours.people["examiner"])
        with (
            mock.patch("exams.views.home.desktop_of", side_effect=ValueError(self.ours.canary)),
            self.assertLogs("django.request", "ERROR") as logged,
        ):
            client.get("/")
        lines = [WithoutValues().format(record) for record in logged.records]
        assert "ValueError" in lines[0]
        assert "exams/views/home.py" in lines[0]
        assert self.ours.canary not in "".join(lines)


def test_static_files_are_the_only_thing_a_browser_may_keep() -> None:
    answer = Client().get("/static/footdrop.css")
    answer.close()
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert policy_of(answer) == POLICY


def test_healthz_answers_and_says_nothing_of_anybody() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_healthz_says_when_the_database_is_gone() -> None:
    with mock.patch("clinics.views.health.connection.cursor", side_effect=DatabaseError):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"database unreachable")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_H02_no_template_asks_for_a_weaker_policy(what: str) -> None:
    found = [
        f"{path.relative_to(TEMPLATES)}: {hit.group()}"
        for path in sorted(TEMPLATES.rglob("*"))
        if path.is_file() and path.suffix not in PLAIN_TEXT
        for hit in re.finditer(FORBIDDEN[what], path.read_text(encoding="utf-8"))
    ]
    assert found == []
