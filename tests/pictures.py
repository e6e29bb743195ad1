"""Pictures that a clinic might choose as its logo, drawn for tests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from clinics.desk import Desk
from clinics.logos import picture_of, set_logo


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 90), ink: str = "navy", **more: Any) -> bytes:
    """Return a white picture with a filled ellipse, as a file of this kind."""
    drawn = Image.new("RGB", size, "white")
    ImageDraw.Draw(drawn).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=ink)
    return saved(drawn, kind, **more)


def saved(drawn: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    """Return the picture as a file of this kind."""
    file = BytesIO()
    drawn.save(file, format=kind, **more)
    return file.getvalue()


def give_logo(desk: Desk, ink: str = "navy") -> str:
    """Put such a picture on the reports of the desk's clinic and return its digest."""
    made = picture_of(BytesIO(picture(ink=ink)))
    set_logo(desk=desk, picture=made)
    return made.digest
