"""The About page and the reference: intended use, what the words mean, and every finding."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.services.figures import Figures, figures, figures_of
from localization import BANDS, CATALOGUE, PHRASES, SITES, SOURCES, knowledge_version
from localization.evaluation import evaluate
from localization.evaluation.figures import as_markdown
from localization.knowledge import read
from tests.engine.cases import published
from tests.web.reported import screen_text, squashed

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def test_about_says_what_it_is_for_and_that_it_is_not_cleared(owner: User, sign_in: SignIn) -> None:
    text = screen_text(sign_in(owner).get(reverse("exams:about")).content)
    for phrase in ("intended_use", "intended_use_inputs", "regulatory_state"):
        assert squashed(PHRASES[phrase]) in text
    for band in BANDS:
        assert squashed(band.definition) in text
    for limit in PHRASES["limits"]:
        assert squashed(limit) in text
    assert knowledge_version().digest in text


def test_K09_about_shows_the_engines_figures_with_n_interval_and_their_limits(
    owner: User, sign_in: SignIn
) -> None:
    text = screen_text(sign_in(owner).get(reverse("exams:about")).content)
    told = figures()
    engine = told.tables[0]
    assert engine.columns[1:] == ("engine", "prior alone")
    assert {"right site first", "right site among the first two"} <= {row[0] for row in engine.rows}
    for row in engine.rows:
        assert re.fullmatch(r"\d\.\d+ \(\d\.\d+ to \d\.\d+\)", row[1])
        assert all(squashed(cell) in text for cell in row)
    assert any("strict cases" in note and "interval" in note for note in told.notes)
    assert any("Red flags fire" in note for note in told.notes)
    assert all(squashed(note) in text for note in told.notes)
    assert squashed("The authors of the rules have seen these patients") in text


@cache
def evaluation() -> dict[str, Any]:
    return evaluate(published(), "physiotherapy_clinic")


def fresh_figures() -> Figures:
    return figures_of(as_markdown(evaluation()).splitlines())


def told_as(estimate: dict[str, float]) -> str:
    words = "{value:.3f} ({low:.3f} to {high:.3f})".format(**estimate)
    return words.replace("-", "−")


def test_K09_each_simpler_method_has_its_own_figures_in_its_row() -> None:
    rows = fresh_figures().tables[1].rows
    own = evaluation()
    assert rows[0][1:] == (told_as(own["top_1"]), told_as(own["log_loss"]), "–")
    for row, theirs in zip(rows[1:], own["baselines"].values(), strict=True):
        figures_of_method = (theirs["top_1"], theirs["log_loss"], theirs["difference"]["log_loss"])
        assert row == (theirs["label"], *map(told_as, figures_of_method))


def test_K09_the_figures_are_told_as_two_tables_and_their_notes() -> None:
    told = fresh_figures()
    assert [table.columns[0] for table in told.tables] == ["figure", "method"]
    assert told.tables[0].title == ""
    assert told.tables[1].title == "The same patients by simpler methods"
    assert [row[0] for row in told.tables[1].rows] == [
        "engine",
        *(table["label"] for table in read("baselines")["baseline"].values()),
    ]
    assert all(len(row) == len(table.columns) for table in told.tables for row in table.rows)
    assert any("or more: right in" in note for note in told.notes)
    assert any("Brain, cord or cauda equina: in view in" in note for note in told.notes)


def test_K09_about_shows_the_engine_beside_every_simpler_method(
    owner: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fresh_figures()
    monkeypatch.setattr("exams.views.about.figures", lambda: told)
    text = screen_text(sign_in(owner).get(reverse("exams:about")).content)
    for table in told.tables:
        assert squashed(table.title) in text
        for row in (table.columns, *table.rows):
            assert squashed(" ".join(row)) in text
    for table in read("baselines")["baseline"].values():
        assert squashed(table["about"]) in text


def test_the_reference_shows_every_finding_with_how_trap_scale_and_sources(
    owner: User, sign_in: SignIn
) -> None:
    page = sign_in(owner).get(reverse("exams:reference"))
    text = screen_text(page.content)
    for finding in CATALOGUE.findings.values():
        for words in (finding.label, finding.trap, finding.tells_apart, finding.ask, *finding.how):
            assert squashed(words) in text, finding.id
        for source in finding.source:
            assert f'id="source-{source}"' in page.content.decode()
            assert squashed(SOURCES[source].citation) in text
    for site in SITES.values():
        assert squashed(site.label) in text


def test_both_pages_are_open_to_every_member_and_to_nobody_else(
    auditor: User, sign_in: SignIn, client: Client
) -> None:
    for name in ("exams:about", "exams:reference"):
        assert sign_in(auditor).get(reverse(name)).status_code == 200
        assert client.get(reverse(name)).status_code == 302


def test_each_band_says_how_often_its_word_was_right(owner: User, sign_in: SignIn) -> None:
    text = screen_text(sign_in(owner).get(reverse("exams:about")).content)
    told = [band.observed for band in BANDS if band.observed]
    assert told
    assert all(squashed(sentence) in squashed(text) for sentence in told)


def test_a_visitor_is_offered_no_page_that_only_asks_to_sign_in_again(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert f'href="{reverse("exams:about")}"' not in page
