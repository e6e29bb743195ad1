"""K-08: the words of every report, over published cases and random exams: nothing forbidden or left out."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from exams.services import localizing
from exams.steps import asked_findings
from localization import CATALOGUE, PHRASES, SITES
from tests import factories
from tests.web.reported import (
    CASES,
    document_of_exam,
    exam_of_case,
    exam_with,
    facts,
    fibular_exam,
    reasons_of,
)

pytestmark = pytest.mark.django_db

FORBIDDEN = {
    "verdict": r"diagnosis is|\bconfirm(s|ed)\b|\brules? out\b|\bruled out\b|\bexclud(e|es|ed|ing)\b",
    "comfort": r"no red flags|safe to|no need (for|to)|reassur|nothing serious|\bharmless\b",
    "advice": r"\b(recommend(s|ed)?|prescribe|should (be|have|get|see)|must be treated|operate on)\b",
    "therapy": r"\b(treatment|treated|therapy|splint|brace|orthos[ei]s|medication|steroid|injections?)\b",
    "figure": r"%|\bper ?cent\b|\bprobabilit|\blikelihood\b|\bodds\b|\d+ in \d+ chance",
    "claim": r"\b(clinically )?validated\b|\bcompliant\b|\bcertified\b|\bapproved\b|artificial intelligence",
    "old name": r"\bperoneal\b",
    "patient": r"\byour (leg|foot|doctor|symptoms|nerve|spine)\b|\byou (may|should|have|can)\b",
}
FORBIDDEN_AS_WRITTEN = r"\bAI\b|\bCE\b|\bUKCA\b|\bFDA\b"

# Sentences that must stand in every report exactly so; the words in them are not looked at again.
REQUIRED = (PHRASES["intended_use"], PHRASES["intended_use_inputs"], PHRASES["regulatory_state"])


def said_in(document: dict[str, Any]) -> Iterator[str]:
    """Yield what the program says: not the options block, not what people typed, not what was asked about."""
    quoted = {finding.label for finding in CATALOGUE.findings.values()}
    quoted |= {value.label for scale in CATALOGUE.scales.values() for value in scale.values}
    names = "|".join(re.escape(label) for label in sorted(quoted, key=len, reverse=True) if len(label) > 3)
    pattern = re.compile(rf"\b({names})\b", re.IGNORECASE)
    titles = {source["citation"] for source in document["sources"]["rows"]}
    options = {step["text"] for step in document["options"]["steps"]}
    exempt = titles | options | {document["options"][name] for name in ("lead", "help", "note")}
    exempt |= {entry["rule"] for entry in all_reasons(document)}
    for text in facts(document):
        if text not in exempt and text not in REQUIRED:
            yield pattern.sub("", text)


def all_reasons(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for site in document["conclusion"]["ranked"] for entry in reasons_of(site)]


def wrong_words(document: dict[str, Any]) -> list[str]:
    """Return every forbidden word with the sentence it stands in."""
    found = []
    for text in said_in(document):
        hits = [match[0] for words in FORBIDDEN.values() for match in re.finditer(words, text, re.IGNORECASE)]
        hits += re.findall(FORBIDDEN_AS_WRITTEN, text)
        found += [f"{hit}: {text}" for hit in hits]
    return found


def omissions(document: dict[str, Any]) -> list[str]:
    """Return what this report had to say and does not."""
    said = list(facts(document))
    flags, found = document["red_flags"], document["conclusion"]
    needed = {
        "intended use": all(sentence in said for sentence in REQUIRED),
        "limits": all(limit in said for limit in PHRASES["limits"]),
        "side in words": document["identity"]["side"] in {"LEFT", "RIGHT", "LEFT and RIGHT"},
        "red flags": bool(flags["flags"]) or flags["summary"].startswith("Red flags: none recorded; "),
        "not a diagnosis": not found["placed"] or found["headline"].endswith("This is not a diagnosis."),
        "next levels": not found["placed"] or len(found["ranked"]) > 1,
        "against": all(site["against"] or site["against_none"] for site in found["ranked"]),
        "bands": len(document["bands"]["rows"]) == 5,
        "impression": bool(document["impression"]["lead"]),
        "versions": all(document["versions"].values()),
        "counts": "recorded" in document["counts"],
    }
    untested = [cell for cell in cells_of(document) if cell["state"] == "untested"]
    needed["untested spelt out"] = all(
        re.match(r"not tested$|could not be tested: ", cell["text"]) for cell in untested
    ) and all(
        re.match(r"Not tested \([^)]+\): \w|Could not be tested \([^)]+\): \w", sentence)
        for table in document["tables"]
        for sentence in table["rest"]
    )
    return [name for name, there in needed.items() if not there]


def cells_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [row for table in document["tables"] for row in [*table["sided"], *table["unsided"]]]
    return [cell for row in rows for cell in row["cells"]]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_K08_published_cases_are_reported_in_allowed_words(owner: User, path: Path) -> None:
    document = document_of_exam(exam_of_case(factories.desk(owner), path))
    assert wrong_words(document) == []
    assert omissions(document) == []


@pytest.mark.parametrize("path", CASES[::6], ids=lambda path: path.stem)
def test_no_percentage_stands_anywhere_in_a_report_its_citations_and_options_included(
    owner: User, path: Path
) -> None:
    document = document_of_exam(exam_of_case(factories.desk(owner), path))
    assert [text for text in facts(document) if re.search(r"%|per ?cent", text)] == []


def random_exam(owner: User, seed: int) -> dict[str, Any]:
    """Return the report of an exam with random answers."""
    chance = random.Random(seed)  # noqa: S311 - test data
    found: dict[str, Any] = {}
    for name in sorted(asked_findings()):
        if chance.random() < chance.choice((0.1, 0.5, 0.9)):
            finding = CATALOGUE[name]
            tokens = [value.token for value in finding.scale.values if value.offered] or ["10"]
            pair = (chance.choice(tokens), chance.choice([*tokens, ""]))
            found[name] = pair if finding.sided else pair[0]
    side = chance.choice(("left", "right", "bilateral"))
    exam = exam_with(factories.desk(owner), found, protocol="full", side=side)
    return document_of_exam(exam)


@pytest.mark.parametrize("seed", range(20))
def test_K08_random_exams_are_reported_in_allowed_words(owner: User, seed: int) -> None:
    document = random_exam(owner, seed)
    assert wrong_words(document) == []
    assert omissions(document) == []


@pytest.mark.long
@pytest.mark.parametrize("block", range(20))
def test_K08_ten_thousand_random_exams_are_reported_in_allowed_words(owner: User, block: int) -> None:
    for seed in range(block * 500, (block + 1) * 500):
        document = random_exam(owner, 1_000 + seed)
        assert wrong_words(document) == [], seed
        assert omissions(document) == [], seed


def test_K08_a_report_without_an_engine_keeps_to_the_words(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the engine fell over")

    monkeypatch.setattr(localizing, "localize", boom)
    document = document_of_exam(fibular_exam(factories.desk(owner)))
    assert wrong_words(document) == []
    assert omissions(document) == []


def test_the_lint_bites(owner: User) -> None:
    document = document_of_exam(fibular_exam(factories.desk(owner)))
    for sentence in (
        "The diagnosis is L5 radiculopathy.",
        "No red flags.",
        "92 % sure",
        "This rules out a root lesion.",
        "A splint is recommended.",
        "CE marked AI.",
    ):
        spoilt = document | {"counts": f"{sentence} {document['counts']}"}
        assert wrong_words(spoilt), sentence
    quiet = document | {"limits": document["limits"][1:]}
    assert omissions(quiet) == ["limits"]
    assert omissions(document | {"red_flags": document["red_flags"] | {"summary": "", "flags": []}}) == [
        "red flags"
    ]


def test_every_level_has_options_with_sources_and_they_stay_out_of_the_conclusion() -> None:
    for site in SITES.values():
        assert all(step.source for step in site.next_steps), site.id
