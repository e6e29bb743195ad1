"""Changing how a clinic works: one transaction with its audit event, old and new values in it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from clinics.audit import record
from clinics.desk import Desk
from clinics.models import Clinic

SETTINGS = (
    "prior_setting",
    "panel_mode",
    "blind_look",
    "urgent_pathway",
    "urgent_telephone",
    "registration",
    "time_zone",
    "force_rule",
    "flag_minutes",
    "idle_minutes",
    "retention_years",
)


def change_settings(*, desk: Desk, **said: str | int | bool) -> Mapping[str, str | int | bool]:
    """Store the clinic's settings and return those that changed.

    Signed reports never change. Where the panel stands hidden or open was fixed when an exam started; the
    kind of clinic counts for every draft from now on.
    """
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update().get(pk=desk.clinic.pk)
        old = {name: getattr(clinic, name) for name in SETTINGS}
        new = {name: value for name, value in said.items() if name in SETTINGS and old[name] != value}
        if not new:
            return {}
        for name, value in new.items():
            setattr(clinic, name, value)
        clinic.save(update_fields=list(new))
        record(desk, "clinic.changed", clinic, values={"old": {name: old[name] for name in new}, "new": new})
    return new
