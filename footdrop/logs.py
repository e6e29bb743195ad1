"""Writes log lines that tell what went wrong and where, and never with which patient's values."""

from __future__ import annotations

import copy
import logging
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class WithoutValues(logging.Formatter):
    """Formats a record with its traceback but without exception messages, which quote what was typed."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback that another formatter has left on the record is not reused."""
        own = copy.copy(record)
        own.exc_text = None
        return super().format(own)

    def formatException(  # noqa: N802  (the name is the standard library's)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Return the frames and the types of the whole chain of exceptions, oldest first."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
            lines.insert(0, "".join(frames) + type(error).__qualname__)
            error = error.__cause__ or error.__context__
        return "\n".join(lines)
