"""The trail alone rebuilds an exam as it was at any time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from clinics.audit import ERASED, record
from clinics.desk import Desk
from clinics.models import SubjectKey
from exams.answer import Answer, answer_of, checked, offered_tokens
from exams.models import Exam, Observation
from exams.services.answers import Rejected, save_answer
from exams.services.replay import NotReplayed, moments, replay
from exams.services.signing import mark_rest_not_done
from exams.services.versions import open_next_version
from exams.steps import STEPS, places_of
from localization import CATALOGUE
from tests import factories

EXAMS, IN_SHORT = 1000, 6
CHANGES = 25
SAME_PATIENT = 4  # so many exams are of one patient: each has to leave the events of the others alone
AGAIN = 0.4  # of the changes are made to what is recorded
CHANCE = random.Random(23112026)  # noqa: S311 - repeatable, and no secret
PLACES = tuple(places_of(STEPS))
REASONS = [one.id for one in CATALOGUE.reasons_not_tested]

pytestmark = pytest.mark.django_db


def stored(exam: Exam) -> Mapping[tuple[str, str], Answer]:
    return {(row.finding, row.side): answer_of(row) for row in Observation.objects.filter(exam=exam)}


def some_answer(place: tuple[str, str], revision: int) -> Answer:
    """Draw an answer as an examiner might give it: a value, not tested with a reason, limited, or cleared."""
    finding = CATALOGUE[place[0]]
    said = Answer(finding=place[0], side=place[1], revision=revision)
    draw = CHANCE.random()
    if draw < 0.15:
        return replace(said, cleared=True)
    if draw < 0.3:
        return replace(said, not_tested=True, reason=CHANCE.choice(REASONS))
    if finding.scale.kind == "number":
        low, high = finding.scale.minimum or 0, finding.scale.maximum or 100
        token = str(CHANCE.randint(int(low), int(min(high, low + 50))))
    else:
        token = CHANCE.choice(offered_tokens(finding))
    given = replace(said, token=token, note=CHANCE.choice(("", "Painful — “ouch”")))
    limited = replace(given, confounder="pain", count_as="ignore")
    try:
        return checked(limited if draw > 0.8 else given)
    except Rejected:
        return given


def change(desk: Desk, exam: Exam) -> None:
    recorded = list(stored(exam))
    place = CHANCE.choice(recorded if recorded and CHANCE.random() < AGAIN else PLACES)
    row = Observation.objects.filter(exam=exam, finding=place[0], side=place[1]).first()
    key = f"{CHANCE.getrandbits(128):032x}"
    exam.refresh_from_db()
    revision = row.revision if row else exam.revision
    save_answer(desk=desk, exam=exam, answer=some_answer(place, revision), key=key)


def replayed_exactly(desk: Desk, exams: int) -> None:
    patients = [factories.patient(desk) for _ in range(0, exams, SAME_PATIENT)]
    for number in range(exams):
        patient = patients[number // SAME_PATIENT]
        exam = factories.exam(desk, patient, protocol="full")
        for _ in range(CHANGES):
            change(desk, exam)
        if number % 3 == 0:
            mark_rest_not_done(desk=desk, exam=exam)
        if number % 4 == 0:
            with transaction.atomic():
                exam.refresh_from_db()
                exam = open_next_version(desk, exam, exam.saved)
            change(desk, exam)
        assert replay(exam) == stored(exam), f"exam {number}"


def test_I01_the_trail_rebuilds_random_exams_exactly(owner: User) -> None:
    replayed_exactly(factories.desk(owner), IN_SHORT)


@pytest.mark.long
def test_I01_the_trail_rebuilds_a_thousand_random_exams_exactly(owner: User) -> None:
    replayed_exactly(factories.desk(owner), EXAMS)


def test_I01_every_moment_is_there_with_who_and_when(owner: User) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk)
    place = "ankle_dorsiflexion.left"
    for token in ("2", "3"):
        factories.answer(desk, exam, place, token)
    factories.answer(desk, exam, place, "", cleared=True)
    told = [
        (one.event.user, [answer.token for answer in one.answers.values()], one.event.at)
        for one in moments(exam)
    ]
    assert [(who, tokens) for who, tokens, _ in told] == [(owner, ["2"]), (owner, ["3"]), (owner, [])]
    assert [at for _, _, at in told] == sorted(at for _, _, at in told)


def test_I01_an_erased_patients_exam_is_not_replayed_as_empty(owner: User) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk, answers={"gait_pattern": "steppage"})
    with transaction.atomic():
        record(desk, ERASED, exam.patient, subject=exam.patient_id)
    SubjectKey.objects.filter(subject=exam.patient_id).delete()
    with pytest.raises(NotReplayed):
        replay(exam)
