"""Reports signed under an older template still show on the screen and print, without what came later."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from exams.pdf import render_pdf
from tests import factories
from tests.web.reported import document_of_exam, fibular_exam, pages_of, screen_text, squashed

pytestmark = pytest.mark.django_db

LATER_LABELS = ("pathway", "telephone")  # came with 1.3
LATER_PARTS = ("levels", "second_lesion", "stop_signal", "next_tests")  # came with 1.2


def older(document: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the document as an older template stored it."""
    old: dict[str, Any] = json.loads(json.dumps(document))
    old["versions"]["template"] = version
    old["red_flags"] |= {"pathway": "Ring the spinal desk.", "telephone": "020 7946 0000"}
    for name in LATER_LABELS:
        del old["words"]["labels"][name]
    if version == "1.1":
        del old["tripwire"]
        del old["words"]["headings"]["helps"]
        for name in LATER_PARTS:
            del old["conclusion"][name]
    return old


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_an_older_document_shows_on_the_screen_and_on_paper(owner: User, version: str) -> None:
    exam = fibular_exam(factories.desk(owner), bladder_bowel="yes", knee_reflex=("brisk", "normal"))
    old = older(document_of_exam(exam), version)
    screen = screen_text(render_to_string("exams/report_body.html", {"document": old}).encode())
    paper = squashed("".join(pages_of(render_pdf(old))))
    for shown in (screen, paper):
        for said in (old["conclusion"]["headline"], "Ring the spinal desk.", "020 7946 0000"):
            assert squashed(said) in shown
        assert squashed(old["red_flags"]["flags"][0]["banner"]) in shown
        assert ("Closedby" in shown) is False
        if version == "1.2":
            assert squashed(old["tripwire"]["text"]) in shown
