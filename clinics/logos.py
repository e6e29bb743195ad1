"""A clinic's logo: what may be uploaded, the plain PNG that it becomes, and which one counts."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Final
from uuid import UUID

from django.db import transaction
from PIL import Image, ImageOps

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Clinic, Logo

READS: Final = ("PNG", "JPEG")
MOST_BYTES: Final = 1_000_000  # of the uploaded file
MOST_PIXELS: Final = 8_000_000  # of the picture that is decoded: 24 to 32 MB of memory
BOX: Final = (640, 200)  # pixels: about 350 dots per inch at the size that reports print it
DRAWINGS: Final = (b"<svg", b"<?xml", b"<!doctype")
PAPER: Final = "white"

TOO_LARGE = (
    "This file is larger than 1 MB. Save the logo smaller, about 600 pixels wide, and choose that file."
)
TOO_MANY_PIXELS = (
    "This picture has more than 8 million pixels. Save the logo smaller, about 600 pixels wide, "
    "and choose that file."
)
A_DRAWING = (
    "This file is an SVG drawing. A drawing can hold programs and other files, so it is not taken. "
    "Export it as PNG and choose that file."
)
NO_PICTURE = (
    "This file cannot be read as a PNG or JPEG picture: it is of another kind, or damaged. "
    "Save the logo as PNG and choose that file."
)


class NoLogo(ValueError):  # noqa: N818 - an answer to the user, not a programming error
    """The file cannot be a logo; its text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A logo as it is kept: PNG without anything beside its pixels, of `width` x `height` pixels."""

    png: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """The SHA-256 by which reports name it."""
        return hashlib.sha256(self.png).hexdigest()


def picture_of(file: IO[bytes]) -> Picture:
    """Return the uploaded picture drawn anew: on white, inside `BOX`, without metadata.

    Raises NoLogo for a file that is too large, too many pixels, no PNG or JPEG, or damaged. The number of
    pixels is read from the file's head, before anything is decoded.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NoLogo(TOO_LARGE)
    if content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(DRAWINGS):
        raise NoLogo(A_DRAWING)
    try:
        with Image.open(BytesIO(content), formats=READS) as opened:
            if opened.width * opened.height <= MOST_PIXELS:
                opened.load()
                return _drawn(opened)
    except Image.DecompressionBombError as error:
        raise NoLogo(TOO_MANY_PIXELS) from error
    # What a damaged file makes the library raise; anything else is a fault of ours.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, struct.error) as error:
        raise NoLogo(NO_PICTURE) from error
    raise NoLogo(TOO_MANY_PIXELS)


def _drawn(opened: Image.Image) -> Picture:
    coloured = ImageOps.exif_transpose(opened).convert("RGBA")
    coloured.thumbnail(BOX)
    # A new picture takes over no text, profile or position of the old one.
    paper = Image.new("RGB", coloured.size, PAPER)
    paper.paste(coloured, mask=coloured.getchannel("A"))
    drawn = BytesIO()
    paper.save(drawn, format="PNG", optimize=True)
    return Picture(png=drawn.getvalue(), width=paper.width, height=paper.height)


def logo_of(clinic_id: UUID, digest: str) -> Logo | None:
    """Return the clinic's logo of this digest, the one in use or an earlier one."""
    return Logo.objects.filter(clinic=clinic_id, digest=digest).first()


def set_logo(*, desk: Desk, picture: Picture | None) -> bool:
    """Have reports carry this logo from now on, or none; returns whether that changes anything.

    An earlier one is kept, for the reports that name it.
    """
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update().get(pk=desk.clinic.pk)
        old = clinic.logo.digest if clinic.logo else ""
        new = picture.digest if picture else ""
        if old == new:
            return False
        clinic.logo = _kept(clinic, picture) if picture else None
        clinic.save(update_fields=["logo"])
        act = "clinic.logo_changed" if picture else "clinic.logo_removed"
        record(desk, act, clinic, values={"old": old, "new": new})
    return True


def _kept(clinic: Clinic, picture: Picture) -> Logo:
    size = {"width": picture.width, "height": picture.height}
    defaults = {"png": picture.png, **size}
    return Logo.objects.get_or_create(clinic=clinic, digest=picture.digest, defaults=defaults)[0]
