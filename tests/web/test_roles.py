"""What each role must never do, said apart from the matrix: it would still hold if the matrix were wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client, TestCase
from django.urls import reverse

from clinics.models import AuditEvent, Membership
from exams.models import Exam, QuestionEntry, SignedReport
from exams.services.questions import ask
from tests import factories, worlds
from tests.people import signed_in
from tests.web.routes import Route, form_for, routes
from tests.web.watching import undone
from tests.web.witness import assert_no_patient, assert_silent, checksum, send, text_of
from tests.worlds import CANARIES, Place

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


class Roles(TestCase):
    """Two clinics at work, built once."""

    ours: Place
    theirs: Place

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ours, cls.theirs = (worlds.place(canary) for canary in CANARIES[:2])

    def opened_by(self, user: User) -> set[str]:
        """Return which addresses behind the clinic's door let the person in, by reading or by sending."""
        client, opened = signed_in(user, raises=False), set()
        for route in [one for one in routes() if one.is_clinical]:
            for method in ("GET", "POST"):
                with undone():
                    form = form_for(route.name, self.ours)
                    answer = send(client, method, route.own(self.ours), form, {})
                if answer.status_code not in {403, 404, 405}:
                    opened.add(route.name)
                    assert_no_patient(answer, self.ours, route.name)
        return opened

    def test_Z04_a_student_cannot_sign_alone(self) -> None:
        student, examiner = self.ours.people["student"], self.ours.people["examiner"]
        own = self.ours.exams["ready"]
        Exam.objects.filter(pk=own.pk).update(examiner=student)
        own.opinions.update(author=student)
        client, address = signed_in(student, raises=False), reverse("exams:sign", args=[own.pk])
        assert client.get(reverse("exams:check", args=[own.pk])).status_code == 200
        before = checksum()
        refused = client.post(address, form_for("exams:sign", self.ours))
        assert refused.status_code == 403
        assert "a student&#x27;s exam is signed by an examiner" in refused.content.decode()
        assert checksum() == before
        assert not SignedReport.objects.filter(exam=own).exists()
        told = AuditEvent.objects.filter(clinic=self.ours.clinic).latest("sequence")
        assert (told.act, told.user, told.role) == ("page.refused", student, "student")
        handed = {"act": "hand_over", "text": "Please sign", "to": str(examiner.pk)}
        assert client.post(reverse("exams:record", args=[own.pk]), handed).status_code == 302
        assert Exam.objects.get(pk=own.pk).examiner == examiner

    def test_Z04_a_clinic_administrator_reads_and_writes_nothing_clinical(self) -> None:
        opened = self.opened_by(self.ours.people["clinic_admin"])
        assert opened == {
            "exams:home",
            "exams:about",
            "exams:logo",
            "exams:reference",
            "exams:settings",
            "exams:settings_logo",
            "clinics:people",
            "clinics:seat",
        }

    def test_Z04_the_auditor_opens_the_trail_only(self) -> None:
        opened = self.opened_by(self.ours.people["auditor"])
        assert opened == {"exams:home", "exams:about", "exams:logo", "exams:reference", "exams:trail"}

    def test_Z04_a_system_administrator_reads_nothing_clinical(self) -> None:
        root = factories.person(None, name="Rhea Root", is_staff=True, is_superuser=True)
        assert self.opened_by(root) == set()
        assert signed_in(root, raises=False).get("/admin/").status_code == 404

    def test_I02_whoever_is_kept_from_a_record_stands_in_the_trail_of_the_own_clinic(self) -> None:
        theirs, foreign = self.theirs.exams["draft"], self.ours.people["supervisor"]
        colleague = factories.person(self.ours.clinic, name="Colin Colleague")
        own = self.ours.exams["draft"]
        for user, exam, status in ((foreign, theirs, 404), (colleague, own, 403)):
            address = reverse("exams:check", args=[exam.pk])
            assert signed_in(user, raises=False).get(address).status_code == status
            told = AuditEvent.objects.filter(act="page.refused").latest("pk")
            assert (told.clinic, told.user) == (self.ours.clinic, user)

    def test_Z03_an_id_in_a_form_is_checked_like_an_id_in_an_address(self) -> None:
        foreign = self.foreign_ids()
        before = checksum(without=self.ours.clinic)
        asked = 0
        for role, route, field, fair in self.forms_with_ids():
            client = signed_in(self.ours.people[role], raises=False)
            for one in foreign:
                with undone() as written:
                    answer = send(client, "POST", route.own(self.ours), fair | {field: one}, {})
                where = f"{role} {route.name} {field}={one}: {answer.status_code}"
                assert not written.records, where
                assert answer.status_code in {404, 422}, where
                assert_silent(answer, self.theirs, where, said={field: one})
                assert "was changed" not in text_of(answer) or "Nothing was changed" in text_of(answer)
                asked += 1
        assert asked >= 5 * 20
        assert checksum(without=self.ours.clinic) == before

    def foreign_ids(self) -> list[str]:
        """Return ids of everything the other clinic has: exams, people, seats, its patient, a question."""
        theirs = self.theirs
        desk = factories.desk(theirs.people["supervisor"])
        thread = ask(
            desk=desk, exam=theirs.exams["submitted"], finding="hip_abduction", side="left", text="Why?"
        )
        seats = Membership.objects.filter(clinic=theirs.clinic).values_list("pk", flat=True)
        found = [
            *(exam.pk for exam in theirs.exams.values()),
            *(user.pk for user in theirs.people.values()),
            *seats,
            theirs.patient.pk,
            theirs.patient.number,
            theirs.clinic.pk,
            thread.thread,
        ]
        return [str(one) for one in found]

    def forms_with_ids(self) -> Iterator[tuple[str, Route, str, dict[str, str]]]:
        """Yield every form that holds an id or a number: who sends it, its field, and the rest."""
        known = {route.name: route for route in routes()}
        why = {"text": "Because", "category": QuestionEntry.Category.AS_RECORDED, "reason": "Because"}
        yield "examiner", known["exams:record"], "to", {"act": "hand_over", **why}
        yield "supervisor", known["exams:questions"], "thread", {"act": "close", **why}
        yield "supervisor", known["exams:patient_merge"], "number", form_for("exams:patient_merge", self.ours)
        yield "auditor", known["exams:trail"], "person", form_for("exams:trail", self.ours)
        yield "auditor", known["exams:trail"], "patient", form_for("exams:trail", self.ours)
        yield "examiner", known["clinics:switch"], "clinic", {}


@pytest.mark.parametrize("role", Membership.Role.values)
def test_Z07_disabling_takes_effect_on_the_next_request(role: str, sign_in: SignIn) -> None:
    here = factories.clinic()
    admin = sign_in(factories.person(here, "clinic_admin", "Ada Admin"))
    person = factories.person(here, role, "Nora Newcomer")
    seat = Membership.objects.get(user=person)
    at_work = [sign_in(person), sign_in(person)]
    assert {client.get("/about/").status_code for client in at_work} == {200}
    assert admin.post(reverse("clinics:seat", args=[seat.pk]), {"active": "no"}).status_code == 302
    before = checksum()
    for client in at_work:
        assert client.get("/about/").status_code == 403
        sent = {"family_name": "New", "given_name": "Ada", "birth_date": "1970-01-02", "sex": "female"}
        answer = client.post(reverse("exams:patient_new"), {**sent, "number": "N-1"})
        assert answer.status_code == 403
    assert checksum() == before
