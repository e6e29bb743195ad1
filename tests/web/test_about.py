"""The About page and the reference: intended use, what the words mean, and every finding."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from exams.services.figures import figures
from localization import BANDS, CATALOGUE, PHRASES, SITES, SOURCES, knowledge_version
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
    assert told.columns[1:] == ("engine", "prior alone")
    assert {"right site first", "right site among the first two"} <= {row[0] for row in told.rows}
    for row in told.rows:
        assert re.fullmatch(r"\d\.\d+ \(\d\.\d+ to \d\.\d+\)", row[1])
        assert all(squashed(cell) in text for cell in row)
    assert any("strict cases" in note and "interval" in note for note in told.notes)
    assert any("Red flags fire" in note for note in told.notes)
    assert all(squashed(note) in text for note in told.notes)
    assert squashed("The authors of the rules have seen these patients") in text


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
