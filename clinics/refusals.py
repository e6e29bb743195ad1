"""The refusal that an act ends in when the record does not allow it, as a sentence for the user."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - it is an answer to the user, not a programming error
    """An act that is not allowed: `sentence` says what happened, what is kept and what to do.

    `status` is 409 when the record's state does not allow it, 403 when this person may not do it.
    """

    def __init__(self, sentence: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
