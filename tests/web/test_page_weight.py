"""What a page weighs on the way, as the server sends it: compressed, and static files only once."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from exams.models import Exam
from exams.steps import STEPS
from tests import factories
from tests.browser.screens import ANSWERS, step_path

FIRST_LOAD = 150_000  # bytes: signing in and the first step, with nothing kept from before
ONE_STEP = 20_000  # bytes: what each further step may ask of the line
# What every browser accepts, also where the line is not encrypted and it would not take anything denser.
ACCEPTS = "gzip"
LINKED = re.compile(rb'(?:href|src)="(/static/[^"]+)"')


@pytest.fixture
def draft(owner: User) -> Exam:
    """A full exam with a red flag and an answer of every kind."""
    return factories.exam(factories.desk(owner), protocol="full", answers=ANSWERS)


@pytest.fixture
def published(settings: Any, tmp_path: Path) -> None:
    """Static files as a clinic's server has them: named after their content, compressed beforehand."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": settings.HASHED_FILES}}
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)


def sent(client: Client, path: str, **headers: str) -> tuple[int, bytes]:
    """Return how many bytes of the answer's body go over the line, and what they say."""
    answer = client.get(path, headers={"Accept-Encoding": ACCEPTS, **headers}, follow=True)
    assert answer.status_code == 200, path
    body = answer.getvalue()
    if path.startswith("/static/"):
        assert {"immutable", "public"} <= set(answer["Cache-Control"].split(", ")), path
    compressed = answer.get("Content-Encoding") == ACCEPTS
    return len(body), gzip.decompress(body) if compressed else body


@pytest.mark.usefixtures("published")
def test_L08_the_first_load_stays_below_150_kb_and_static_files_are_kept_for_good(
    client: Client, owner: User, draft: Exam
) -> None:
    weight, page = sent(client, reverse("account_login"))
    files = set(LINKED.findall(page))
    client.force_login(owner)
    first, page = sent(client, step_path(draft, STEPS[0].slug))
    files |= set(LINKED.findall(page))
    assert any(b"bootstrap" in name for name in files)
    assert any(b"save." in name for name in files)
    for name in files:
        weight += sent(client, name.decode())[0]
    assert weight + first <= FIRST_LOAD


def test_L08_every_further_step_stays_below_20_kb(client: Client, owner: User, draft: Exam) -> None:
    client.force_login(owner)
    weights = {step.slug: sent(client, step_path(draft, step.slug))[0] for step in STEPS}
    assert {slug: weight for slug, weight in weights.items() if weight > ONE_STEP} == {}
    assert min(weights.values()) > 1_000


def test_L08_what_an_answer_brings_back_stays_below_20_kb(client: Client, owner: User, draft: Exam) -> None:
    client.force_login(owner)
    for step in STEPS:
        path = f"{reverse('exams:live', args=[draft.pk])}?step={step.slug}"
        weight, said = sent(client, path, **{"HX-Request": "true"})
        assert b'id="live"' in said, step.slug
        assert weight <= ONE_STEP, step.slug


def test_the_length_of_a_compressed_page_tells_nothing(client: Client, owner: User, draft: Exam) -> None:
    client.force_login(owner)
    path = step_path(draft, "gait")
    # Masked tokens and a random number of bytes keep anybody on the line from guessing words by the length.
    assert len({sent(client, path)[0] for _ in range(12)}) > 1
