"""The clinic's logo: what may be uploaded, what becomes of it, who sees it, what the trail tells."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clinics.append_only import LOGO_KEPT
from clinics.audit import values_of
from clinics.logos import BOX, MOST_BYTES, NoLogo, picture_of
from clinics.models import AuditEvent, Clinic, Logo
from tests import factories
from tests.pictures import give_logo, picture, saved

SignIn = Callable[[User], Client]
PAGE, LOGO = "/settings/", "/settings/logo/"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SIGNATURE = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Clinic:
    return factories.clinic()


@pytest.fixture
def admin(here: Clinic, sign_in: SignIn) -> Client:
    return sign_in(factories.person(here, "clinic_admin", "Ada Admin"))


def upload(client: Client, content: bytes, name: str = "logo.png") -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return client.post(LOGO, {"logo": file}, follow=True)  # type: ignore[return-value]


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG file that says it holds this many grey pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_uploaded_logo_is_drawn_anew_shown_and_told_to_the_trail(
    here: Clinic, admin: Client, kind: str
) -> None:
    shown = upload(admin, picture(kind, size=(1280, 300))).content.decode()
    assert "Reports carry this logo from now on." in shown
    logo = Logo.objects.get(clinic=here)
    address = f"/logos/{logo.digest}.png"
    assert f'src="{address}"' in shown
    assert f'alt="{here.name}"' in shown
    answer = admin.get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert hashlib.sha256(answer.content).hexdigest() == logo.digest
    with Image.open(BytesIO(answer.content)) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "RGB", (640, 150))
        red, green, blue = drawn.getpixel((320, 75))  # type: ignore[misc]
        assert blue > 100 > red + green
    event = AuditEvent.objects.get(clinic=here, act="clinic.logo_changed")
    assert values_of(event) == {"old": "", "new": logo.digest}


def test_a_logo_is_replaced_and_removed_and_each_one_is_kept(here: Clinic, admin: Client) -> None:
    upload(admin, picture())
    assert "Nothing was different." in upload(admin, picture()).content.decode()
    upload(admin, picture(ink="maroon"))
    shown = admin.post(LOGO, {"act": "remove"}, follow=True).content.decode()
    assert "Reports carry no logo." in shown
    here.refresh_from_db()
    assert here.logo is None
    assert Logo.objects.filter(clinic=here).count() == 2
    acts = AuditEvent.objects.filter(clinic=here, act__startswith="clinic.logo").order_by("sequence")
    assert [event.act for event in acts] == [
        "clinic.logo_changed",
        "clinic.logo_changed",
        "clinic.logo_removed",
    ]
    upload(admin, picture())  # an earlier one again
    assert Logo.objects.filter(clinic=here).count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, "This file is an SVG drawing."),
        (b"\xef\xbb\xbf\n " + SVG[21:], "Export it as PNG and choose that file."),
        (b"GIF89a" + bytes(40), "cannot be read as a PNG or JPEG picture"),
        (saved(Image.new("RGB", (40, 40)), "GIF"), "cannot be read as a PNG or JPEG picture"),
        (b"%PDF-1.7", "cannot be read as a PNG or JPEG picture"),
        (b"", "cannot be read as a PNG or JPEG picture"),
        (picture()[:-300], "cannot be read as a PNG or JPEG picture"),
        (picture("JPEG")[:900], "cannot be read as a PNG or JPEG picture"),
        (picture() + bytes(MOST_BYTES), "This file is larger than 1 MB."),
        (bomb(4000, 2001), "more than 8 million pixels"),
        (bomb(60_000, 60_000), "more than 8 million pixels"),
    ],
)
def test_what_cannot_be_a_logo_is_refused_in_words(
    here: Clinic, admin: Client, content: bytes, sentence: str
) -> None:
    answer = upload(admin, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 2, page  # in the summary and at its field
    assert '<a href="#id_logo">' in page
    assert "Settings of" in page
    assert not Logo.objects.filter(clinic=here).exists()
    assert not AuditEvent.objects.filter(act="clinic.logo_changed").exists()


def test_a_form_without_a_file_asks_for_one(admin: Client) -> None:
    answer = admin.post(LOGO, {})
    assert answer.status_code == 422
    assert answer.content.decode().count("Choose a file with the logo.") == 2


def test_nothing_beside_the_pixels_is_kept_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canary Camera", 6  # the maker, and: turned by a quarter
    made = picture_of(BytesIO(picture("JPEG", size=(300, 90), exif=exif, comment=b"Canary comment")))
    assert (made.width, made.height) == (60, 200)
    assert b"Canary" not in made.png
    kinds, at = [], len(SIGNATURE)
    while at < len(made.png):
        (length,) = struct.unpack_from(">I", made.png, at)
        kinds.append(made.png[at + 4 : at + 8])
        at += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def test_transparent_parts_become_white() -> None:
    clear = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    clear.putpixel((5, 5), (200, 0, 0, 255))
    with Image.open(BytesIO(picture_of(BytesIO(saved(clear))).png)) as drawn:
        assert drawn.getpixel((0, 0)) == (255, 255, 255)
        assert drawn.getpixel((5, 5)) == (200, 0, 0)


@given(
    cut=st.integers(0, 900), flips=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=6)
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_file_is_refused_or_drawn_and_never_fails(
    kind: str, cut: int, flips: list[tuple[int, int]]
) -> None:
    damaged = bytearray(picture(kind, size=(60, 20)))
    for place, value in flips:
        damaged[place % len(damaged)] = value
    with suppress(NoLogo):
        made = picture_of(BytesIO(bytes(damaged[: len(damaged) - cut % len(damaged)])))
        assert made.width <= BOX[0]
        assert made.height <= BOX[1]


def test_Z01_another_clinics_logo_is_not_there_and_only_the_administrator_sets_it(
    here: Clinic, admin: Client, sign_in: SignIn
) -> None:
    elsewhere = factories.clinic("Hillside Rehabilitation")
    theirs = give_logo(factories.desk(factories.person(elsewhere, "clinic_admin", "Hal Hill")), "teal")
    upload(admin, picture())
    ours = Logo.objects.get(clinic=here).digest
    examiner = sign_in(factories.person(here))
    assert examiner.get(f"/logos/{ours}.png").status_code == 200
    assert examiner.get(f"/logos/{theirs}.png").status_code == 404
    assert examiner.post(LOGO, {"act": "remove"}).status_code == 403
    here.refresh_from_db()
    assert here.logo is not None


@pytest.mark.parametrize("statement", ["UPDATE clinics_logo SET width = 1", "DELETE FROM clinics_logo"])
def test_S03_the_database_refuses_to_change_or_delete_a_logo(here: Clinic, statement: str) -> None:
    give_logo(factories.desk(factories.person(here, "clinic_admin")))
    with pytest.raises(IntegrityError, match=LOGO_KEPT), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Logo.objects.get(clinic=here).width == 300
