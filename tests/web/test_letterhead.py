"""Logo and registration numbers on the report: as they were at signing, on the screen and on paper."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from clinics.models import Clinic, Logo, Membership
from clinics.people import set_registration
from exams.models import Exam, SignedReport
from exams.pdf import render_pdf
from exams.services.afterwards import add_later
from exams.services.letterhead import kept_logo
from exams.services.reports import report_of
from exams.services.settings import change_settings
from exams.services.signing import document_of, signature_holds
from tests import factories
from tests.pictures import give_logo
from tests.plugins.flushing import unguarded
from tests.web.reported import document_of_exam, fibular_exam, pages_of, ready_to_sign, squashed
from tests.web.signed import sign
from tests.web.test_pdf import alternatives_of

pytestmark = pytest.mark.django_db

NUMBER, PERSONAL = "CQC 1-4567890123", "HCPC PH12345"


@pytest.fixture
def admin(owner: User) -> User:
    return factories.person(factories.desk(owner).clinic, "clinic_admin", "Ada Admin")


@pytest.fixture
def signed(owner: User, admin: User) -> SignedReport:
    """A report signed with a logo and with both numbers."""
    desk = factories.desk(admin)
    give_logo(desk)
    change_settings(desk=desk, registration=NUMBER)
    seat = Membership.objects.get(user=owner)
    set_registration(desk=desk, membership=seat, registration=PERSONAL)
    examiner = factories.desk(owner)
    return sign(owner, ready_to_sign(examiner, fibular_exam(examiner)))


def pictures_in(pdf: bytes) -> int:
    """Return how many pictures the first page holds, drawings of lines aside."""
    return len(PdfReader(BytesIO(pdf)).pages[0].images)


def test_logo_and_numbers_stand_on_paper_with_a_text_for_the_logo(signed: SignedReport) -> None:
    first, *_, last = pages_of(bytes(signed.pdf))
    assert squashed(NUMBER) in squashed(first)
    assert "Riverside Physiotherapy" in first
    line = document_of(signed)["signatures"][0]["line"]
    assert squashed(line + PERSONAL) in squashed(last)
    assert pictures_in(bytes(signed.pdf)) == 1
    with pikepdf.open(BytesIO(bytes(signed.pdf))) as pdf:
        assert "Riverside Physiotherapy" in list(alternatives_of(pdf.Root.StructTreeRoot))


def test_without_logo_and_number_nothing_stands_in_their_place(owner: User) -> None:
    document = document_of_exam(fibular_exam(factories.desk(owner)))
    before: dict[str, Any] = {name: part for name, part in document.items() if name != "letterhead"}
    assert document["letterhead"] == {"clinic": "Riverside Physiotherapy", "registration": "", "logo": ""}
    paper = render_pdf(document)
    assert paper == render_pdf(before)  # as an older template has it
    assert pictures_in(paper) == 0


def test_S03_a_signed_report_stays_as_it_was_when_logo_and_numbers_change(
    owner: User, admin: User, signed: SignedReport
) -> None:
    exam, desk = signed.exam, factories.desk(admin)
    add_later(desk=factories.desk(owner), exam=exam, text="The scan was done on Monday.")
    as_signed, with_pages = report_of(exam).pdf(as_signed=True), report_of(exam).pdf()
    document = document_of(signed)
    assert render_pdf(document, hashed=signed.hash, logo=kept_logo(document, exam.clinic_id) or b"") == bytes(
        signed.pdf
    )
    give_logo(desk, "maroon")
    Clinic.objects.filter(pk=exam.clinic_id).update(logo=None)
    change_settings(desk=desk, registration="Another number")
    set_registration(
        desk=desk, membership=Membership.objects.get(user=owner), registration="Another person's"
    )
    exam = Exam.objects.get(pk=exam.pk)
    assert report_of(exam).pdf(as_signed=True) == as_signed == bytes(signed.pdf)
    assert report_of(exam).pdf() == with_pages
    assert pictures_in(with_pages) == 1
    signed.refresh_from_db()
    assert signature_holds(signed)


def test_S02_a_logo_that_is_not_the_one_signed_makes_the_signature_invalid(signed: SignedReport) -> None:
    assert signature_holds(signed)
    with unguarded():
        Logo.objects.update(png=b"forged")
        assert not signature_holds(signed)
        Clinic.objects.update(logo=None)
        Logo.objects.all().delete()
        assert not signature_holds(signed)
        shown = report_of(signed.exam)
    assert shown.stamp == "SIGNATURE INVALID"
    assert "SIGNATURE INVALID" in pages_of(shown.pdf())[0]


def test_the_report_on_the_screen_shows_what_was_signed(
    client: Client, owner: User, admin: User, signed: SignedReport
) -> None:
    named = document_of(signed)["letterhead"]["logo"]
    give_logo(factories.desk(admin), "maroon")
    client.force_login(owner)
    page = client.get(reverse("exams:report", args=[signed.exam_id])).content.decode()
    assert f'src="/logos/{named}.png" alt="Riverside Physiotherapy"' in page
    assert NUMBER in page
    assert PERSONAL in page
    assert client.get(f"/logos/{named}.png").status_code == 200


def test_an_administrator_gives_a_number_by_the_page_of_people(
    client: Client, owner: User, admin: User
) -> None:
    client.force_login(admin)
    seat = Membership.objects.get(user=owner)
    path = reverse("clinics:seat", args=[seat.pk])
    page = client.post(path, {"registration": f" {PERSONAL} "}, follow=True).content.decode()
    assert f"Examiner · {PERSONAL}" in page
    client.post(path, {"role": "supervisor"})  # another form of the page takes no number away
    refused = client.post(path, {"registration": "9" * 61}, follow=True).content.decode()
    assert "at most 60 characters" in refused
    seat.refresh_from_db()
    assert (seat.role, seat.registration) == ("supervisor", PERSONAL)
    client.post(path, {"registration": ""})
    seat.refresh_from_db()
    assert seat.registration == ""
