"""django-formtools' session wizard over a step of the exam, set up as favourably as that library allows.

Favourable is: one field for each answer and none for what goes with it, no HTML rendered, nothing kept but
the session, no trail and no revision.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse
from formtools.wizard.views import NamedUrlSessionWizardView

from exams.rows import prefix_of
from exams.steps import STEPS

if TYPE_CHECKING:
    from django.test import Client

NAME, AFTER = "bench_wizard", "after"
FORM = "application/x-www-form-urlencoded"
OK, FOUND = 200, 302


def fields_of(slug: str) -> dict[str, forms.Field]:
    """Return one choice for each answer that the step asks."""
    step = next(step for step in STEPS if step.slug == slug)
    return {
        prefix_of(finding.id, side): forms.ChoiceField(
            choices=[(value.token, value.label) for value in finding.scale.values], required=False
        )
        for finding in step.findings
        for place, side in step.places
        if place == finding.id
    }


class Wizard(NamedUrlSessionWizardView):  # type: ignore[misc]  # formtools has no types
    """Two steps, so that the one that is sent leads on to another."""

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        """Answer as many bytes as the floor, and leave the form unrendered."""
        return HttpResponse("x" * 2000, headers={"Wizard-Step": context["wizard"]["steps"].current})


def wizard_path(slug: str) -> Any:
    """Return the wizard's address for the address map of the bench."""
    pages = [(slug, type("Asked", (forms.Form,), fields_of(slug))), (AFTER, forms.Form)]
    return path("wizard/<slug:step>/", Wizard.as_view(pages, url_name=NAME), name=NAME)


def stepping(client: Client, slug: str, field: str, tokens: tuple[str, str]) -> Callable[[], None]:
    """Make a piece of work that sends the step with one answer changed, and opens the step it leads to."""
    turns = cycle(tokens)
    address = reverse(NAME, args=[slug])

    def step() -> None:
        said = {"wizard-current_step": slug, f"{slug}-{field}": next(turns)}
        sent = client.post(address, urlencode(said), content_type=FORM)
        shown = client.get(sent.headers.get("Location", ""))
        if (sent.status_code, shown.status_code, shown.headers.get("Wizard-Step")) != (FOUND, OK, AFTER):
            message = f"The wizard answered {sent.status_code} and {shown.status_code}."
            raise RuntimeError(message)

    client.get(address)
    return step
