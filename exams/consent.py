"""Consent and chaperone of an intimate test, kept as the first lines of the answer's note."""

from __future__ import annotations

from dataclasses import dataclass

GIVEN = "Consent asked and given."
CHAPERONE = "Chaperone: "
CHAPERONE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a note says: whether consent was asked and given, who the chaperone was, and the rest."""

    given: bool = False
    chaperone: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The note as it is stored and printed: a sentence each, on lines of their own."""
        lines = (GIVEN if self.given else "", _named(self.chaperone), self.note)
        return "\n".join(line for line in lines if line)


def consent_of(note: str) -> Consent:
    """Read a stored note; the inverse of `Consent.text`."""
    lines = note.split("\n")
    given = lines[:1] == [GIVEN]
    del lines[: int(given)]
    who = lines[0].removeprefix(CHAPERONE).removesuffix(".") if lines else ""
    named = bool(lines) and lines[0] == _named(who) != ""
    del lines[: int(named)]
    return Consent(given=given, chaperone=who if named else "", note="\n".join(lines))


def _named(chaperone: str) -> str:
    """Return the sentence that names the chaperone, empty without one."""
    who = " ".join(chaperone.split()).rstrip(". ")
    return f"{CHAPERONE}{who}." if who else ""
