"""Case files: one published patient each, read strictly, with errors that name file, finding and values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localization.catalogue import FindingError
from localization.findings import Findings
from localization.sites import sites

CONFIDENCE = ("strict", "weak")
AT_LINE = re.compile(r"at line (\d+)")
SECOND_ANSWER = "Cannot overwrite a value"


class CaseError(ValueError):
    """A case file that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One patient of a case file; `site` is empty when the answer is not known."""

    name: str
    findings: Findings
    site: str
    also: tuple[str, ...]
    strict: bool

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every site that counts as right."""
        return tuple(dict.fromkeys((self.site, *self.also)))


def parse_case(name: str, text: str) -> Case:
    """Return the case in `text`; `name` is the file's name for messages. Raises CaseError."""
    table = _table(name, text)
    if "findings" not in table:
        message = f"{name}: no [findings] table. A case file needs one, even if it is empty."
        raise CaseError(message)
    try:
        findings = Findings.from_case(table["findings"])
    except FindingError as error:
        message = f"{name}: {error.finding}: {error.message}"
        raise CaseError(message) from error
    confidence = table.get("confidence", CONFIDENCE[0])
    if confidence not in CONFIDENCE:
        message = f"{name}: confidence: “{confidence}” is not known. Allowed: {', '.join(CONFIDENCE)}."
        raise CaseError(message)
    also = table.get("also", [])
    if not isinstance(also, list):
        message = f"{name}: also: a list of sites is needed."
        raise CaseError(message)
    return Case(
        name=str(table.get("id", name)),
        findings=findings,
        site=_site(name, "site", table["site"]) if table.get("site", "") != "" else "",
        also=tuple(_site(name, "also", site) for site in also),
        strict=confidence == CONFIDENCE[0],
    )


def _table(name: str, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long and lists too deep to be read
        message = f"{name}: {_where(text, str(error))}"
        raise CaseError(message) from error


def _where(text: str, reason: str) -> str:
    """Return what is wrong with the text, naming the finding that was answered twice."""
    found = AT_LINE.search(reason)
    lines = text.splitlines()
    if found is None or SECOND_ANSWER not in reason or not 0 < int(found[1]) <= len(lines):
        return f"not a readable TOML file: {reason}."
    finding = lines[int(found[1]) - 1].partition("=")[0].strip()
    return f"{finding}: a second answer for one finding ({reason}). Only one value is allowed."


def _site(name: str, field: str, site: object) -> str:
    if isinstance(site, str) and site in sites():
        return site
    message = f"{name}: {field}: “{site}” is not a lesion site. Allowed: {', '.join(sites())}."
    raise CaseError(message)
