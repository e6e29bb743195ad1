"""Home lists what waits for whom, in a fixed number of queries and without anybody's conclusion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import AuditEvent, Clinic
from exams.models import Exam
from exams.queue import review_queue
from exams.services.exams import remember_step
from exams.services.review import countersign
from exams.views.home import greeting
from localization import SITES
from tests import factories
from tests.web.reviewed import THOUGHT, address, looked_at, submitted_exam

SignIn = Callable[[User], Client]


def home(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("hour", "words"), [(7, "Good morning"), (12, "Good afternoon"), (18, "Good evening")]
)
def test_the_greeting_follows_the_clock(hour: int, words: str) -> None:
    assert greeting(datetime(2026, 11, 24, hour, tzinfo=UTC)) == words


def test_an_empty_home_says_what_to_do_next(owner: User, sign_in: SignIn) -> None:
    page = home(sign_in(owner))
    assert "You have no open exam" in page
    assert "Waiting for you" not in page


def test_an_open_exam_shows_its_step_its_progress_in_words_and_its_red_flag(
    owner: User, sign_in: SignIn
) -> None:
    desk = factories.desk(owner)
    exam = factories.exam(desk, protocol="full", affected_side="right", answers={"bladder_bowel": "yes"})
    remember_step(desk=desk, exam=exam, slug="sensation")
    page = home(sign_in(owner))
    row = page[page.index(address("exam", exam)) :]
    for words in ("Red flag", "Sensation", "1 of ", "<progress", "patient&#x27;s RIGHT", "born 14 Mar 1961"):
        assert words in row
    factories.answer(desk, exam, "bladder_bowel", "no")
    assert "Red flag" not in home(sign_in(owner))


def test_nobody_elses_exam_is_open_on_my_home(owner: User, colleague: User, sign_in: SignIn) -> None:
    exam = factories.exam(factories.desk(owner))
    assert str(exam.pk) not in home(sign_in(colleague))


def test_a_person_of_two_clinics_sees_only_the_one_they_sit_in(
    clinic: Clinic, other_clinic: Clinic, commuter: User, sign_in: SignIn
) -> None:
    here = factories.exam(factories.desk(commuter, clinic))
    there = factories.exam(factories.desk(commuter, other_clinic))
    client = sign_in(commuter)
    client.post("/clinic/", {"clinic": str(clinic.pk)})
    page = home(client)
    assert str(here.pk) in page
    assert str(there.pk) not in page


def test_sent_exams_show_how_their_review_stands(owner: User, supervisor: User, sign_in: SignIn) -> None:
    waiting, agreed, disagreed = (submitted_exam(owner) for _ in range(3))
    for exam, agrees in ((agreed, True), (disagreed, False)):
        looked_at(supervisor, exam)
        countersign(
            desk=factories.desk(supervisor),
            exam=exam,
            agrees=agrees,
            site="" if agrees else "sciatic",
            comment="" if agrees else "Hamstrings.",
            password=factories.PASSWORD,
        )
    sent = home(sign_in(owner)).partition("Sent and signed")[2]
    for exam, words in ((waiting, "In review"), (agreed, "Final"), (disagreed, "Supervisor disagrees")):
        assert words in sent[sent.index(address("report", exam)) :].partition("</li>")[0]


def test_a_follow_up_says_how_many_exams_came_before(owner: User, sign_in: SignIn) -> None:
    desk = factories.desk(owner)
    patient = factories.patient(desk)
    factories.exam(desk, patient)
    assert "first exam" in home(sign_in(owner))
    factories.exam(desk, patient)
    assert "follow-up, 1 earlier" in home(sign_in(owner))


def test_roles_without_records_get_a_home_without_records(
    owner: User, auditor: User, clinic_admin: User, sign_in: SignIn
) -> None:
    exam = factories.exam(factories.desk(owner))
    for person in (auditor, clinic_admin):
        page = home(sign_in(person))
        assert "does not open clinical records" in page
        assert str(exam.pk) not in page
        assert "Lindqvist" not in page


def test_the_queue_puts_red_flags_first_and_then_the_longest_wait(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    late, early, flagged = (
        submitted_exam(owner),
        submitted_exam(owner),
        submitted_exam(owner, bladder_bowel="yes"),
    )
    now = timezone.now()
    for exam, hours in ((late, 2), (early, 50), (flagged, 1)):
        Exam.objects.filter(pk=exam.pk).update(submitted=now - timedelta(hours=hours))
    queue = review_queue(factories.desk(supervisor))
    assert [row.exam for row in queue] == [flagged, early, late]
    assert [row.has_red_flag for row in queue] == [True, False, False]
    for path in ("/", "/reviews/"):
        page = sign_in(supervisor).get(path).content.decode()
        places = [page.index(address("review", exam)) for exam in (flagged, early, late)]
        assert places == sorted(places)
    assert "3 exams wait for your review" in home(sign_in(supervisor))


def test_the_queue_shows_nobodys_conclusion(owner: User, supervisor: User, sign_in: SignIn) -> None:
    submitted_exam(owner)
    for path in ("/", "/reviews/"):
        page = sign_in(supervisor).get(path).content.decode()
        assert "Lindqvist" in page
        for words in (THOUGHT, "canarythought", "Strong", *(site.label for site in SITES.values())):
            assert words not in page


def test_an_own_exam_is_not_in_the_own_queue(clinic: Clinic, supervisor: User, sign_in: SignIn) -> None:
    own = submitted_exam(supervisor)
    assert address("review", own) not in home(sign_in(supervisor))
    second = factories.person(clinic, "supervisor", "Sanna Second")
    assert address("review", own) in home(sign_in(second))


def test_the_queue_of_another_clinic_is_empty(owner: User, other_clinic: Clinic, sign_in: SignIn) -> None:
    exam = submitted_exam(owner)
    page = home(sign_in(factories.person(other_clinic, "supervisor", "Nora Neighbour")))
    assert str(exam.pk) not in page
    assert "No exam waits for your review" in page


def test_a_list_takes_the_same_queries_for_10_and_for_100_exams(
    owner: User, supervisor: User, sign_in: SignIn
) -> None:
    sent = submitted_exam(owner)
    draft = factories.exam(factories.desk(owner), sent.patient, answers={"bladder_bowel": "yes"})
    reviewer, examiner = sign_in(supervisor), sign_in(owner)

    def fill(total: int) -> list[int]:
        for _ in range(Exam.objects.drafts().count(), total):
            _one_more_like(draft)
            _one_more_like(sent)
        return [_selects(reviewer, "/"), _selects(reviewer, "/reviews/"), _selects(examiner, "/")]

    assert fill(10) == fill(100)
    assert len(review_queue(factories.desk(supervisor))) == 100


def _selects(client: Client, path: str) -> int:
    """Count what a page reads; the session, which is kept by the clock, apart."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    read = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    return len([sql for sql in read if "django_session" not in sql])


def _one_more_like(template: Exam) -> None:
    """Store one more exam with the template's answers and report, without going through the services."""
    exam = Exam.objects.get(pk=template.pk)
    exam.pk, exam.series = uuid4(), uuid4()
    exam.save(force_insert=True)
    for row in template.observations.filter(token="yes"):
        row.pk, row.exam = uuid4(), exam
        row.save(force_insert=True)
    for report in template.signed_reports.all():
        report.pk, report.exam = uuid4(), exam
        report.save(force_insert=True)


def test_opening_home_and_queue_is_in_the_trail(supervisor: User, sign_in: SignIn) -> None:
    client = sign_in(supervisor)
    before = AuditEvent.objects.count()
    client.get("/")
    client.get("/reviews/")
    acts = AuditEvent.objects.order_by("sequence").values_list("act", flat=True)[before:]
    assert list(acts) == ["home.viewed", "reviews.listed"]
