"""Numbers the sources that a report cites, in the order in which it cites them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localization import SOURCES


class References:
    """The sources of one report; `cite` gives each its number, the same at every place."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def cite(self, sources: Iterable[str]) -> list[int]:
        """Return the numbers of these sources, new ones appended to the list."""
        return [self._numbers.setdefault(source, len(self._numbers) + 1) for source in sources]

    def as_rows(self) -> list[dict[str, Any]]:
        """Return every cited source with its number, citation and address."""
        return [
            {"number": number, "id": source, "citation": SOURCES[source].citation, "url": SOURCES[source].url}
            for source, number in self._numbers.items()
        ]
