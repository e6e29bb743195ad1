"""Every entry has the fields that its kind needs, and no field that nothing reads: a misspelt one is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localization.knowledge import read

MARK = "basis reason source"
COUNTS = "k n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of entry: where it stands, the fields that each needs, and those that it may have.

    `within` names the list inside each entry of the table that is meant instead of the entry itself.
    """

    file: str
    table: str
    needs: str
    may: str = ""
    within: str = ""

    def entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every entry with its place in the file."""
        rows = read(self.file)[self.table]
        for number, row in enumerate(rows.values() if isinstance(rows, dict) else rows):
            name = list(rows)[number] if isinstance(rows, dict) else _name(row, number)
            place = f"{self.file}.{self.table}.{name}"
            if not self.within:
                yield place, row
            for inner, entry in enumerate(row.get(self.within, ())):
                yield f"{place}.{self.within}[{inner}]", entry


KINDS = (
    Kind(
        file="findings",
        table="finding",
        needs="label plain_label group scale sided position minutes how tells_apart source",
        may="detail position_alt grade_note trap abnormal timed_metres ask guard",
    ),
    Kind(file="scales", table="scale", needs="kind note source", may="value unit minimum maximum"),
    Kind(
        file="sites",
        table="site",
        needs="group label short where plain typical_causes next_steps urgency_note source",
        may="details",
    ),
    Kind(file="sites", table="group", needs="label where"),
    Kind(
        file="patterns",
        table="pattern",
        needs=f"site name detail weight sensory contra gait {MARK}",
        may=(
            "roots spared lesion muscles actions areas arcs snaps paraspinals needle foot_drop axonal upper "
            f"lower postganglionic even {COUNTS}"
        ),
    ),
    Kind(
        file="likelihoods",
        table="likelihood",
        needs=f"value default sites {MARK}",
        may=f"pattern published cause {COUNTS}",
    ),
    Kind(file="likelihoods", table="choice", needs=f"values sites {MARK}", may=f"pattern {COUNTS}"),
    *(
        Kind(file="anatomy", table=table, needs=f"roots path {MARK}", may=COUNTS)
        for table in ("muscle", "area", "arc", "snap")
    ),
    Kind(file="anatomy", table="action", needs=f"muscles {MARK}", may=COUNTS),
    Kind(file="anatomy", table="segment", needs="feeds needs"),
    Kind(
        file="redflags",
        table="red_flag",
        needs="label any_of ask_also banner can_mean say urgency guidance source",
        may="unless",
    ),
    Kind(file="redflags", table="red_flag", within="unless", needs=f"when instead {MARK}"),
    Kind(
        file="edx",
        table="edx",
        needs="nerve_studies needle_muscles if_first if_second from_day pitfall question source",
    ),
    Kind(file="sources", table="source", needs="citation url", may="note kept_for"),
    Kind(file="wording", table="notice", needs="id any_of unless_any unless_leading text source"),
    Kind(file="wording", table="band", needs="order blocks minimum label definition"),
)


def entries_have_their_fields() -> Iterator[str]:
    """Yield entries that lack a field or have one that nothing reads."""
    for kind in KINDS:
        needed, allowed = set(kind.needs.split()), {*kind.needs.split(), *kind.may.split()}
        for place, row in kind.entries():
            if missing := needed - set(row):
                yield f"{place}: {', '.join(sorted(missing))} missing"
            if unknown := set(row) - allowed:
                known = ", ".join(sorted(allowed))
                yield f"{place}: nothing reads {', '.join(sorted(unknown))}. Allowed: {known}"


def _name(row: Mapping[str, Any], number: int) -> str:
    """Return what an entry of a list is called: a pattern by site and name, others by id or place."""
    if "site" in row and "name" in row:
        return f"{row['site']}.{row['name']}"
    return str(row.get("id", number))
