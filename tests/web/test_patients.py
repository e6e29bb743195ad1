"""Patients are found without their names in an address, and only inside the clinic."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditEvent
from exams.models import Patient
from exams.search import SHOWN, birth_date, find_patients
from tests import factories

SignIn = Callable[[User], Client]
PATIENTS = "/patients/"


@pytest.fixture
def anna(owner: User) -> Patient:
    return factories.patient(
        factories.desk(owner),
        family_name="Demo",
        given_name="Anna",
        birth_date=date(1961, 3, 14),
        number="FD-1042",
    )


@pytest.fixture
def foreign(stranger: User) -> Patient:
    return factories.patient(
        factories.desk(stranger),
        family_name="Geheimrat",
        given_name="Zoraida",
        birth_date=date(1944, 2, 29),
        number="HR-77",
    )


def found(client: Client, words: str) -> str:
    response = client.post(PATIENTS, {"words": words})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "words",
    [
        "anna",
        "Demo, Anna",
        "anna demo",
        "FD-1042",
        "fd-1042",
        "14 Mar 1961",
        "1961-03-14",
        "14/03/1961",
        "demo 14 march 1961",
    ],
)
def test_a_patient_is_found_by_name_number_and_birth_date(
    anna: Patient, owner: User, sign_in: SignIn, words: str
) -> None:
    assert str(anna.id) in found(sign_in(owner), words)


@pytest.mark.parametrize("words", ["berta", "15 Mar 1961", "anna 1961-03-15", "FD-104", "30 Feb 1961"])
def test_what_does_not_match_finds_nobody(anna: Patient, owner: User, sign_in: SignIn, words: str) -> None:
    page = found(sign_in(owner), words)
    assert str(anna.id) not in page
    assert "Nobody in this clinic matches" in page


@pytest.mark.parametrize(
    ("typed", "day"),
    [("14 Mar 1961", date(1961, 3, 14)), ("3/4/1961", date(1961, 4, 3)), ("31 Feb 1961", None)],
)
def test_birth_dates_are_read_day_before_month(typed: str, day: date | None) -> None:
    assert birth_date(typed) == day


def test_a_search_is_sent_by_post_and_never_read_from_the_address(
    anna: Patient, owner: User, colleague: User, sign_in: SignIn
) -> None:
    factories.patient(factories.desk(colleague), family_name="Other", given_name="Olaf")
    page = sign_in(owner).get(PATIENTS, {"words": "anna"}).content.decode()
    assert "Olaf" in page
    assert str(anna) in page
    assert re.search(r'<form[^>]+method="post"[^>]+action="/patients/"', page)


@pytest.mark.parametrize("words", ["", " ", "a" * 121, "an\x00na"])
def test_words_that_cannot_be_searched_are_refused_in_a_sentence(
    anna: Patient, owner: User, sign_in: SignIn, words: str
) -> None:
    response = sign_in(owner).post(PATIENTS, {"words": words})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert str(anna.id) not in response.content.decode()


def shown(client: Client, words: str) -> str:
    """Return the answer to a search, but for the words typed and the form's one-time token."""
    page = re.sub(
        r'"x-csrftoken": "\w+"|name="csrfmiddlewaretoken" value="\w+"', "TOKEN", found(client, words)
    )
    return re.sub(r'value="[^"]*"', "VALUE", page)


def test_Z06_search_answers_for_another_clinics_patient_as_for_nobody(
    anna: Patient, foreign: Patient, owner: User, sign_in: SignIn
) -> None:
    """The answer is the same to the byte."""
    client = sign_in(owner)
    nobody = shown(client, "Nobody McNobody")
    secrets = [
        "Geheimrat",
        "Zoraida",
        "geheim",
        "Geheimrat, Zoraida",
        "HR-77",
        "29 Feb 1944",
        "1944-02-29",
        str(foreign.id),
        str(foreign.clinic_id),
        "%",
        "' OR 1=1 --",
        *(f"{letter}oraida" for letter in "zZ"),
    ]
    for words in secrets:
        assert shown(client, words) == nobody, words
    assert str(anna) not in nobody


@pytest.mark.long
def test_Z06_five_hundred_searches_for_parts_of_another_clinics_records_find_nobody(
    anna: Patient, foreign: Patient, owner: User, sign_in: SignIn
) -> None:
    client, draw = sign_in(owner), random.Random(6)  # noqa: S311
    nobody = shown(client, "Nobody McNobody")
    texts = [foreign.family_name, foreign.given_name, foreign.number, "29 Feb 1944", str(foreign.id)]
    ours = f"{anna.family_name} {anna.given_name} {anna.number}".casefold()
    parts = {text[start:end] for text in texts for start, end in combinations(range(len(text) + 1), 2)}
    theirs = sorted(part for part in parts if part.strip() and part.strip().casefold() not in ours)
    tried = [change(part) for part in theirs for change in (str, str.upper, str.lower, "{} Anna".format)]
    assert len(tried) >= 500
    for words in draw.sample(tried, 500):
        assert shown(client, words) == nobody, words


def test_Z06_lists_and_warnings_do_not_know_the_other_clinic(
    anna: Patient, stranger: User, owner: User, sign_in: SignIn
) -> None:
    factories.patient(factories.desk(stranger), family_name="Demo", given_name="Anna", number="HR-1")
    client = sign_in(owner)
    for page in (client.get(PATIENTS), client.get(reverse("exams:patient", args=[anna.id]))):
        assert b"HR-1" not in page.content
        assert b"has this name" not in page.content


def test_a_patient_of_another_clinic_does_not_exist(foreign: Patient, owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    for name in ("patient", "patient_edit", "exam_new"):
        response = client.get(reverse(f"exams:{name}", args=[foreign.id]))
        assert response.status_code == 404
        assert b"Geheimrat" not in response.content


def test_people_of_the_same_name_carry_a_warning(anna: Patient, owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    page = found(client, "anna")
    assert str(anna.id) in page
    assert "has this name" not in page
    twin = factories.patient(
        factories.desk(owner), family_name="DEMO", given_name="anna", birth_date=date(1980, 1, 1)
    )
    assert found(client, "anna").count("has this name") == 2
    assert "has this name" in found(client, "FD-1042")
    assert "has this name" in client.get(reverse("exams:patient", args=[twin.id])).content.decode()


def test_more_patients_than_a_page_holds_are_said_to_exist(owner: User, sign_in: SignIn) -> None:
    desk = factories.desk(owner)
    for number in range(SHOWN + 1):
        factories.patient(desk, family_name="Many", given_name=f"N{number:03}")
    assert len(find_patients(desk.clinic, "many").patients) == SHOWN
    assert "there are more" in found(sign_in(owner), "many")


def test_finding_patients_takes_the_same_queries_for_few_and_many(owner: User, sign_in: SignIn) -> None:
    desk, client = factories.desk(owner), sign_in(owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found(client, "many")
        return len(captured)

    factories.patient(desk, family_name="Many", given_name="One")
    queries()
    few = queries()
    for number in range(30):
        factories.patient(desk, family_name="Many", given_name=f"N{number:03}")
    assert queries() == few


def test_every_search_and_every_patient_page_is_in_the_trail(
    anna: Patient, owner: User, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    before = AuditEvent.objects.count()
    found(client, "anna")
    client.get(PATIENTS)
    client.get(reverse("exams:patient", args=[anna.id]))
    seen = list(AuditEvent.objects.order_by("sequence").values_list("act", "subject"))[before:]
    assert seen == [("patients.searched", None), ("patients.listed", None), ("patient.viewed", anna.id)]


IDENTITY = {
    "family_name": "Demo",
    "given_name": "Berta",
    "birth_date": "14 Mar 1970",
    "sex": "female",
    "number": "FD-2",
}


def test_a_patient_is_added_and_shown(owner: User, sign_in: SignIn) -> None:
    response = sign_in(owner).post(reverse("exams:patient_new"), IDENTITY, follow=True)
    page = response.content.decode()
    assert "Demo, Berta" in page
    assert "14 Mar 1970" in page
    assert "FD-2" in page
    assert "No exam yet" in page


def test_a_number_in_use_is_refused_and_everything_typed_is_kept(
    anna: Patient, owner: User, sign_in: SignIn
) -> None:
    response = sign_in(owner).post(reverse("exams:patient_new"), IDENTITY | {"number": anna.number})
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert page.count("This number already belongs to a patient") == 2
    assert 'value="Berta"' in page
    assert Patient.objects.count() == 1


def test_a_patient_is_corrected_and_the_old_name_is_gone_from_the_page(
    anna: Patient, owner: User, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    address = reverse("exams:patient_edit", args=[anna.id])
    assert 'value="1961-03-14"' in client.get(address).content.decode()
    page = client.post(address, IDENTITY, follow=True).content.decode()
    assert "Demo, Berta" in page
    assert "Demo, Anna" not in page


def test_every_exam_of_a_patient_is_listed_with_state_side_and_version(
    anna: Patient, owner: User, colleague: User, sign_in: SignIn
) -> None:
    exam = factories.exam(factories.desk(owner), anna, protocol="full", affected_side="right")
    address = reverse("exams:patient", args=[anna.id])
    page = sign_in(owner).get(address).content.decode()
    assert reverse("exams:exam", args=[exam.id]) in page
    for words in ("Draft", "patient&#x27;s RIGHT", "version 1", "Olive Owner", "Continue"):
        assert words in page
    assert "Continue" not in sign_in(colleague).get(address).content.decode()


def test_roles_without_records_see_no_patient(
    anna: Patient, auditor: User, clinic_admin: User, sign_in: SignIn
) -> None:
    addresses = [PATIENTS, reverse("exams:patient", args=[anna.id]), reverse("exams:patient_new")]
    for person in (auditor, clinic_admin):
        for address in addresses:
            response = sign_in(person).get(address)
            assert response.status_code == 403
            assert b"Anna" not in response.content


def test_the_way_from_start_exam_says_what_to_do_on_the_patients_page(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    patients = reverse("exams:patients")
    assert f'href="{patients}"' in client.get(reverse("exams:home")).content.decode()
    page = client.get(patients).content.decode()
    assert "Choose a patient to start an exam, or add a new one." in page
