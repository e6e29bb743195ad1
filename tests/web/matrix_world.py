"""A clinic with an exam in every state of the role matrix, and each of the matrix's actors at its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, Membership
from exams.models import Exam, QuestionEntry
from exams.services.afterwards import amend, void
from exams.services.questions import ask
from exams.services.review import countersign, look_first, open_review, return_exam
from tests import factories, worlds
from tests.web.matrix import Actor, Row
from tests.web.routes import ASKED, OTHER_IDS, form_for, logo_of, seat_of
from tests.worlds import CANARIES, SITE, Place

FINDING, SIDE = "hip_abduction", "left"
WHY = "Said for the matrix"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The place with an exam for every state by name, another clinic, and people beside the place's own."""

    place: Place
    exams: Mapping[str, Exam]
    elsewhere: Clinic
    people: Mapping[str, User]

    def address(self, row: Row, state: str, ids: tuple[str, ...]) -> str:
        """Return the address of the row for the place's own record in this state."""
        known: dict[str, Any] = {
            "exam_id": self.exams[row.exam_in(state)].pk,
            "patient_id": self.place.patient.pk,
            "seat_id": seat_of(self.place),
            "digest": logo_of(self.place),
            **OTHER_IDS,
        }
        return reverse(row.route, kwargs={name: known[name] for name in ids}) + ASKED.get(row.route, "")

    def form(self, row: Row, state: str) -> dict[str, str]:
        """Return the form of the act, as the page of that exam would send it."""
        if row.route == "exams:record":
            return {"act": row.act, "text": WHY, "to": str(self.people["relief"].pk)}
        if row.route != "exams:questions":
            return form_for(row.route, self.place)
        asked = QuestionEntry.objects.filter(series=self.exams[row.exam_in(state)].series).first()
        return {
            "act": row.act,
            "place": f"{FINDING}.{SIDE}",
            "thread": str(asked.thread) if asked else "",
            "category": QuestionEntry.Category.AS_RECORDED,
            "text": WHY,
        }

    @contextmanager
    def at_the_keys(self, actor: Actor) -> Iterator[Client]:
        """Give the browser in which the actor is signed in; afterwards nothing has happened."""
        client = Client(raise_request_exception=False)
        with transaction.atomic():
            user = self._user(actor)
            if user is not None:
                client.force_login(user)
            self._become(actor, client)
            yield client
            transaction.set_rollback(True)

    def _user(self, actor: Actor) -> User | None:
        if actor.name == "anonymous":
            return None
        if actor.author:
            return self.place.people["examiner"]
        if actor.name in self.people:
            return self.people[actor.name]
        if actor.name.startswith("two_clinics"):
            return self.people["commuter"]
        return self.place.people[actor.name]

    def _become(self, actor: Actor, client: Client) -> None:
        """Do to the actor what their name says, after they signed in."""
        seat = Membership.objects.filter(clinic=self.place.clinic, user=self.place.people["examiner"])
        if actor.name == "disabled_account":
            User.objects.filter(pk=self.place.people["examiner"].pk).update(is_active=False)
        elif actor.name == "disabled_seat":
            seat.update(is_active=False)
        elif actor.author:
            seat.update(role=actor.role)
        elif actor.name.startswith("two_clinics") and actor.role:
            sits = self.elsewhere if actor.elsewhere else self.place.clinic
            client.post(reverse("clinics:switch"), {"clinic": str(sits.pk)})


def world() -> World:
    """Build it, through the services that the pages call."""
    place = worlds.place(CANARIES[0])
    elsewhere = factories.clinic("Hillside Rehabilitation")
    people = {
        "colleague": factories.person(place.clinic, "examiner", "Colin Colleague"),
        "relief": factories.person(place.clinic, "examiner", "Rita Relief"),
        "commuter": factories.person(place.clinic, "examiner", "Cora Commuter"),
        "other_clinic": factories.person(elsewhere, "supervisor", "Sue Stranger"),
        "system_admin": factories.person(None, name="Rhea Root", is_staff=True, is_superuser=True),
    }
    factories.join(people["commuter"], elsewhere, "supervisor")
    return World(
        place=place, exams={**place.exams, **_further_states(place)}, elsewhere=elsewhere, people=people
    )


def _further_states(place: Place) -> Mapping[str, Exam]:
    """Bring exams into the states that a place does not have, and ask a question in two of them."""
    examiner = factories.desk(place.people["examiner"])
    supervisor = factories.desk(place.people["supervisor"])
    names = ("superseded", "void", "erased", "questioned")
    made = {name: worlds.exam_at(examiner, place.patient, place.canary) for name in names}
    for exam in made.values():
        worlds.complete(examiner, exam)
        worlds.sign(examiner, exam)
    for name in ("superseded", "questioned"):
        open_review(desk=supervisor, exam=made[name])
        look_first(desk=supervisor, exam=made[name], site=SITE, text="")
    countersign(
        desk=supervisor,
        exam=made["superseded"],
        agrees=True,
        site="",
        comment="",
        password=factories.PASSWORD,
    )
    worlds.sign(examiner, amend(desk=examiner, exam=made["superseded"], reason=WHY))
    for name in ("void", "erased"):
        void(desk=examiner, exam=made[name], reason=WHY)
    Exam.objects.filter(pk=made["erased"].pk).update(state=Exam.State.ERASED)
    for exam in (made["questioned"], place.exams["submitted"]):
        ask(desk=supervisor, exam=exam, finding=FINDING, side=SIDE, text=WHY)
    made["asked"] = return_exam(desk=supervisor, exam=made.pop("questioned"), comment=WHY)
    return {name: Exam.objects.get(pk=exam.pk) for name, exam in made.items()}
