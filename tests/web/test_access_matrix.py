"""Every address that the resolver knows against strangers, methods, foreign records and a broken trail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client, TestCase

from clinics.models import AuditEvent
from tests import factories, worlds
from tests.web.routes import METHODS, OPENS, Route, form_for, routes, with_ids
from tests.web.witness import HX, assert_no_patient, assert_silent, checksum, send, text_of
from tests.worlds import CANARIES, Place

REFUSED = {403, 404, 405}

pytestmark = pytest.mark.django_db


class AccessMatrix(TestCase):
    """Three clinics at work, built once; every test starts from the same records."""

    ours: Place
    theirs: Place
    third: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ours, cls.theirs, cls.third = (worlds.place(canary) for canary in CANARIES)

    def setUp(self) -> None:
        self.client.raise_request_exception = False

    def browser(self, user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def test_Z09_there_is_no_admin_site(self) -> None:
        assert self.client.get("/admin/").status_code == 404
        assert not apps.is_installed("django.contrib.admin")

    def test_Z01_nobody_opens_anything_clinical_without_signing_in(self) -> None:
        before = checksum()
        for route in routes():
            for method in METHODS:
                for headers in ({}, HX):
                    form = form_for(route.name, self.ours)
                    answer = send(self.client, method, route.own(self.ours), form, headers)
                    where = f"{method} {route.name} {headers}"
                    if route.opens == "anyone":
                        assert answer.status_code < 500, where
                    elif headers:
                        assert answer.status_code == 401, where
                        assert answer.headers["HX-Redirect"].startswith("/accounts/sign-in/?next="), where
                        assert b"<" not in answer.content, where
                    elif method in {"GET", "HEAD", "OPTIONS"}:
                        assert answer.status_code == 302, where
                        assert answer.headers["Location"].startswith("/accounts/sign-in/?next="), where
                    else:
                        assert answer.status_code in {302, 401, 403}, where
                    assert_silent(answer, self.ours, where, said=form)
        assert checksum() == before

    def test_Z02_nobody_reaches_a_record_of_another_clinic(self) -> None:
        browsers, asked = list(self.browsers()), 0
        before = checksum(without=self.ours.clinic)
        for user, client in browsers:
            for route in with_ids():
                for place, headers in ((self.theirs, {}), (self.theirs, HX), (self.third, {})):
                    for method in ("GET", "POST"):
                        self.ask_foreign(client, route, place, method, route.own(place), headers, str(user))
                        asked += 1
        assert asked > 500
        assert checksum(without=self.ours.clinic) == before

    def test_Z02_no_method_reaches_a_record_of_another_clinic(self) -> None:
        client = self.browser(self.ours.people["supervisor"])
        before = checksum(without=self.ours.clinic)
        for route in with_ids():
            for method in METHODS:
                self.ask_foreign(client, route, self.theirs, method, route.own(self.theirs), {}, "supervisor")
        assert checksum(without=self.ours.clinic) == before

    @pytest.mark.long
    def test_Z02_every_person_method_record_and_clinic(self) -> None:
        browsers = list(self.browsers())
        before = checksum(without=self.ours.clinic)
        for user, client in browsers:
            for route, place, method in product(with_ids(), (self.theirs, self.third), METHODS):
                for address, headers in product(route.all_of(place), ({}, HX)):
                    self.ask_foreign(client, route, place, method, address, headers, str(user))
        assert checksum(without=self.ours.clinic) == before

    def ask_foreign(
        self,
        client: Client,
        route: Route,
        place: Place,
        method: str,
        address: str,
        headers: dict[str, str],
        who: str,
    ) -> None:
        """Ask for another clinic's record with a form of ours: refused, and nothing of theirs is said."""
        answer = send(client, method, address, form_for(route.name, self.ours), headers)
        where = f"{who} {method} {route.name} {headers}: {answer.status_code}"
        assert answer.status_code in REFUSED, where
        assert_silent(answer, place, where)

    def browsers(self) -> Iterator[tuple[User, Client]]:
        """Yield our people, and one who also supervises in the other clinic but sits in ours."""
        commuter = factories.person(self.ours.clinic, "examiner", "Cora Commuter")
        factories.join(commuter, self.theirs.clinic, "supervisor")
        for user in (*self.ours.people.values(), commuter):
            client = self.browser(user)
            client.post("/clinic/", {"clinic": str(self.ours.clinic.pk)})
            yield user, client

    def test_Z02_pages_without_an_id_show_only_the_own_clinic(self) -> None:
        shown = set()
        for user, client in self.browsers():
            for route in routes():
                if route.ids or route.opens == "anyone":
                    continue
                form = {"words": self.theirs.canary} if route.name == "exams:patients" else {}
                for method, sent in (("GET", {}), ("POST", form or form_for(route.name, self.ours))):
                    answer = send(client, method, route.own(self.ours), sent, {})
                    where = f"{user} {method} {route.name}"
                    assert answer.status_code < 500, where
                    if route.name == "clinics:switch" and user.first_name == "Cora":
                        continue
                    assert_silent(answer, self.theirs, where, said=sent)
                    assert_silent(answer, self.third, where)
                    if self.ours.canary in text_of(answer):
                        shown.add(route.name)
        assert {"exams:home", "exams:patients", "exams:reports", "exams:reviews"} <= shown

    def test_the_matrix_can_fail_the_owner_sees_the_own_records(self) -> None:
        seen = {}
        for role in ("examiner", "supervisor"):
            client = self.browser(self.ours.people[role])
            for route in routes():
                answer = send(client, "GET", route.own(self.ours), {}, {})
                if answer.status_code == 200 and self.ours.canary in text_of(answer):
                    seen[route.name] = role
        readable = {name for name, opens in OPENS.items() if opens in {"read", "examine", "supervise"}}
        only_post = {
            f"exams:{name}"
            for name in (
                "answer",
                "red_flag",
                "review_caution",
                "widen",
                "mark_rest",
                "sign",
                "review_decide",
                "review_return",
            )
        }
        # Opened as a page, the parts of an open page lead to the page that holds them.
        only_redirects = {"exams:exam", "exams:live"}
        assert readable - only_post - only_redirects <= set(seen)

    def test_A08_an_expired_session_never_puts_the_sign_in_page_into_a_fragment(self) -> None:
        client = self.browser(self.ours.people["examiner"])
        expired = mock.patch("clinics.sessions.DEFAULT_IDLE_MINUTES", 0)
        for route in routes():
            if not route.is_clinical:
                continue
            for method in ("GET", "POST"):
                client.force_login(self.ours.people["examiner"])
                session = client.session
                session["last_act_at"] = session["signed_in_at"] = 1
                session.save()
                with expired:
                    answer = send(client, method, route.own(self.ours), form_for(route.name, self.ours), HX)
                where = f"{method} {route.name}"
                assert answer.status_code == 401, where
                assert answer.headers["HX-Redirect"].startswith("/accounts/sign-in/?next="), where
                assert b"<" not in answer.content, where
                assert b"Saved" not in answer.content, where
                assert answer.headers["Clear-Site-Data"], where

    def test_I06_when_the_trail_cannot_be_written_nothing_is_shown_or_changed(self) -> None:
        before, refused = checksum(), 0
        for role in ("examiner", "supervisor"):
            client = self.browser(self.ours.people[role])
            for route in routes():
                if route.opens not in {"read", "examine", "sign", "supervise"}:
                    continue
                for method in ("GET", "POST"):
                    with mock.patch("clinics.audit.add_row", side_effect=OSError):
                        sent = form_for(route.name, self.ours)
                        answer = send(client, method, route.own(self.ours), sent, {})
                    where = f"{role} {method} {route.name} {answer.status_code}"
                    # A page about nobody, such as the empty form for a new patient, needs no event.
                    assert method == "GET" or answer.status_code in {302, 403, 405, 409, 500}, where
                    assert_no_patient(answer, self.ours, where)
                    refused += answer.status_code == 500
        assert refused > 20
        assert checksum() == before

    def test_I02_every_clinical_page_that_is_shown_is_one_event(self) -> None:
        for role in ("examiner", "supervisor"):
            client = self.browser(self.ours.people[role])
            for route in routes():
                if route.opens not in {"read", "examine", "supervise"}:
                    continue
                before = AuditEvent.objects.filter(clinic=self.ours.clinic).count()
                answer = send(client, "GET", route.own(self.ours), {}, {})
                events = AuditEvent.objects.filter(clinic=self.ours.clinic)[before:]
                if self.ours.patient.family_name in text_of(answer):
                    assert len(events) == 1, (role, route.name, [event.act for event in events])
                    assert events[0].user == self.ours.people[role]
                    if "exam_id" in route.ids or "patient_id" in route.ids:
                        assert events[0].subject == self.ours.patient.pk, route.name
