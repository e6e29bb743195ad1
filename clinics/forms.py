"""What every form of the site shares: the look of a text field, and errors as links to their fields."""

from __future__ import annotations

from typing import Any

from django import forms


def text_input(**attrs: str) -> forms.TextInput:
    """Return a text field in the house's look."""
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs})


def errors_of(form: forms.Form) -> list[tuple[str, str]]:
    """Return a form's errors as links to its fields and their sentences, in the order of the form."""
    found: list[tuple[str, str]] = []
    for name, sentences in form.errors.items():
        href = f"#{_first_control(form, name)}" if name in form.fields else "#main"
        found.extend((href, str(sentence)) for sentence in sentences)
    return found


def _first_control(form: forms.Form, name: str) -> str:
    """Return the id of the control a link leads to: the first radio of a group."""
    widget: Any = form.fields[name].widget
    control = form[name].auto_id
    return f"{control}_0" if isinstance(widget, forms.RadioSelect) else control
