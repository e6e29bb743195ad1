"""Forms: only from our own pages, only the fields a person may set, and never by looking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.serializers import serialize
from django.db import transaction
from django.db.models import Model, QuerySet
from django.test import Client, TestCase

from clinics.models import AuditEvent
from exams.models import Exam, Observation, Patient
from tests import worlds
from tests.web.routes import POSTS, Route, form_for, routes
from tests.web.witness import HX, checksum, send
from tests.worlds import CANARIES, Place

pytestmark = pytest.mark.django_db

OWN = {"Origin": "http://testserver"}
FOREIGN = {"Origin": "https://evil.example"}
OLD_TOKEN = "a" * 64
HOSTILE = "Hostilebird"
# Who sends the forms of a page that does not open to examiners.
SENDERS = {
    "supervise": "supervisor",
    "manage": "clinic_admin",
    "audit": "auditor",
    "exams:questions": "supervisor",
}


def posting() -> list[Route]:
    """Return the clinical addresses that take a form."""
    return [route for route in routes() if route.name in POSTS]


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what one form did before the next is sent."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def every_record() -> Iterator[Model]:
    """Yield every row of every clinical table."""
    for model in apps.get_app_config("exams").get_models():
        yield from QuerySet(model).order_by("pk")


class Forms(TestCase):
    """Two clinics at work; each test sends every form the site takes."""

    ours: Place
    theirs: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ours, cls.theirs = (worlds.place(canary) for canary in CANARIES[:2])

    def sender(self, route: Route) -> User:
        """Return who may send the form: the examiner where the role does not name somebody else."""
        return self.ours.people[SENDERS.get(route.name) or SENDERS.get(route.opens, "examiner")]

    def browser(self, route: Route, *, csrf: bool = False) -> Client:
        client = Client(enforce_csrf_checks=csrf, raise_request_exception=False)
        client.force_login(self.sender(route))
        return client

    def test_the_list_of_addresses_that_take_a_form_is_whole(self) -> None:
        clinical = [route for route in routes() if route.is_clinical]
        with rolled_back():
            taking = {
                route.name
                for route in clinical
                if send(self.browser(route), "POST", route.own(self.ours), {}, {}).status_code != 405
            }
        assert taking == POSTS

    def test_every_form_of_the_matrix_is_accepted_on_its_own_record(self) -> None:
        for route in posting():
            with rolled_back():
                sent = form_for(route.name, self.ours)
                answer = send(self.browser(route), "POST", route.own(self.ours), sent, {})
                assert answer.status_code in {200, 302}, (route.name, answer.status_code)
                assert AuditEvent.objects.filter(clinic=self.ours.clinic, user=self.sender(route)).exists()

    def test_H05_no_form_is_taken_without_its_token(self) -> None:
        before = checksum()
        for route in posting():
            client = self.browser(route, csrf=True)
            client.get("/about/")
            form = form_for(route.name, self.ours)
            for token in ({}, {"csrfmiddlewaretoken": OLD_TOKEN}, {"csrfmiddlewaretoken": "no token"}):
                for origin in (OWN, FOREIGN, {}):
                    answer = send(client, "POST", route.own(self.ours), form | token, origin)
                    assert answer.status_code == 403, (route.name, token, origin)
        assert checksum() == before

    def test_H05_a_form_from_another_site_is_refused_with_any_token(self) -> None:
        before = checksum()
        for route in posting():
            client = self.browser(route, csrf=True)
            token = str(client.get("/about/").context["csrf_token"])
            sent = form_for(route.name, self.ours) | {"csrfmiddlewaretoken": token}
            answer = send(client, "POST", route.own(self.ours), sent, FOREIGN)
            assert answer.status_code == 403, route.name
            assert HOSTILE not in answer.content.decode()
        assert checksum() == before

    def test_H05_the_refusal_keeps_the_answers_of_our_own_page_and_they_can_be_sent_again(self) -> None:
        route = next(route for route in routes() if route.name == "exams:patient_new")
        client = self.browser(route, csrf=True)
        sent = form_for(route.name, self.ours) | {"given_name": '"><b>x', "password": "secret"}
        refused = client.post(route.own(self.ours), sent, headers=OWN)
        text = refused.content.decode()
        assert refused.status_code == 403
        assert 'name="given_name" value="&quot;&gt;&lt;b&gt;x"' in text
        assert "secret" not in text
        again = sent | {"csrfmiddlewaretoken": str(refused.context["csrf_token"])}
        assert client.post(route.own(self.ours), again, headers=OWN).status_code == 302
        assert Patient.objects.filter(given_name='"><b>x').exists()

    def test_H05_the_refusal_never_shows_what_another_site_sent(self) -> None:
        for headers in (FOREIGN, {}, OWN | {"Sec-Fetch-Site": "cross-site"}):
            client = Client(enforce_csrf_checks=True)
            client.force_login(self.ours.people["examiner"])
            answer = client.post("/patients/new/", {"family_name": HOSTILE}, headers=headers)
            assert answer.status_code == 403
            assert HOSTILE not in answer.content.decode()

    def test_H05_a_fragment_with_a_stale_token_says_that_nothing_was_saved(self) -> None:
        route = next(route for route in routes() if route.name == "exams:answer")
        client = self.browser(route, csrf=True)
        answer = send(client, "POST", route.own(self.ours), form_for(route.name, self.ours), OWN | HX)
        assert answer.status_code == 403
        assert "nothing was saved" in answer.content.decode()
        assert "<" not in answer.content.decode()

    def test_H05_a_token_in_the_header_is_enough_for_a_fragment(self) -> None:
        route = next(route for route in routes() if route.name == "exams:answer")
        client = self.browser(route, csrf=True)
        token = str(client.get("/about/").context["csrf_token"])
        headers = OWN | HX | {"X-CSRFToken": token}
        answer = send(client, "POST", route.own(self.ours), form_for(route.name, self.ours), headers)
        assert answer.status_code == 200

    def test_H05_looking_changes_nothing(self) -> None:
        browsers = []
        for role in ("examiner", "supervisor", "auditor"):
            client = Client(raise_request_exception=False)
            client.force_login(self.ours.people[role])
            browsers.append(client)
        before = checksum()
        for client in browsers:
            for route in routes():
                if route.name == "account_logout":
                    continue
                for method, headers in (("GET", HX), ("HEAD", {}), ("OPTIONS", {})):
                    send(client, method, route.own(self.ours), {}, headers)
                for address in route.all_of(self.ours):
                    send(client, "GET", address, {}, {})
        assert checksum() == before

    def test_Z05_fields_that_a_person_may_not_set_are_ignored(self) -> None:
        for route in posting():
            with rolled_back():
                known = set(every_record())
                fair = form_for(route.name, self.ours)
                answer = send(self.browser(route), "POST", route.own(self.ours), self.hostile() | fair, {})
                assert answer.status_code in {200, 302}, (route.name, answer.status_code)
                for one in every_record():
                    values = serialize("python", [one])[0]["fields"]
                    assert HOSTILE not in str(values), (route.name, values)
                    assert "hostile" not in str(values), (route.name, values)
                    if one not in known and "clinic" in values:
                        assert str(values["clinic"]) == str(self.ours.clinic.pk), (route.name, values)
                self.assert_owned_as_before(route)

    def hostile(self) -> dict[str, str]:
        """Return a value for every field of every clinical model, by field and by column name."""
        values: dict[str, str] = {}
        for model in apps.get_app_config("exams").get_models():
            for field in vars(model()):
                values[field] = values[field.removesuffix("_id")] = HOSTILE
        foreign = {
            "id": self.theirs.exams["draft"].pk,
            "pk": self.theirs.exams["draft"].pk,
            "clinic": self.theirs.clinic.pk,
            "patient": self.theirs.patient.pk,
            "exam": self.theirs.exams["draft"].pk,
            "exam_id": self.theirs.exams["draft"].pk,
            "patient_id": self.theirs.patient.pk,
            "clinic_id": self.theirs.clinic.pk,
            "state": "countersigned",
            "version": "99",
        }
        people = ("examiner", "supervisor", "author", "by", "recorded_by", "signed_by")
        someone = {name: str(self.theirs.people["supervisor"].pk) for name in people}
        # "token", "note" and the like are fields of an answer only behind its place: "gait_pattern.token".
        return values | {name: str(value) for name, value in foreign.items()} | someone

    def assert_owned_as_before(self, route: Route) -> None:
        """Fail when an exam has changed hands, or an answer is signed with another's name."""
        answers = Observation.objects.filter(clinic=self.ours.clinic)
        people = {user.pk for user in self.ours.people.values()}
        assert set(answers.values_list("recorded_by", flat=True)) <= people, route.name
        for exam in Exam.objects.of(self.ours.clinic):
            assert exam.patient.clinic_id == self.ours.clinic.pk, route.name
            assert exam.examiner_id == self.ours.people["examiner"].pk, route.name
            assert exam.version in {1, 2}, route.name
            if route.name not in {"exams:sign", "exams:review_decide", "exams:review_return"}:
                assert exam.state == self.state_of(exam.pk), route.name

    def state_of(self, exam: UUID) -> str:
        return next((one.state for one in self.ours.exams.values() if one.pk == exam), Exam.State.DRAFT)
