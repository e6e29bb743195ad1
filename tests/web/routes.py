"""Every address of the site as the resolver knows it, who may open it, and a form it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinics.models import Logo, Membership
from tests import factories
from tests.web.matrix import ROWS, roles_with
from tests.worlds import SITE, Place

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

# All four are what the role matrix says, `clinics/roles.toml`: a new address has its rows there.
OPENS: Mapping[str, str] = {row.route: row.right for row in ROWS}
ROLES: Mapping[str, set[str]] = {right: roles_with(right) for right in set(OPENS.values())}
# The exam on which an address does its work, by its first row; in most other states it refuses.
WORKS_ON: Mapping[str, str] = {row.route: row.exam_in(row.home) for row in reversed(ROWS)}
# The clinical addresses that take a form.
POSTS = frozenset(row.route for row in ROWS if row.method == "POST" and row.is_clinical)
# What a page is asked for beside its address.
ASKED: Mapping[str, str] = {"exams:open": "?finding=ankle_inversion"}
FLAG = "cauda_equina"
ONE_SIDE = {"affected_side": "right", "worse_side": "", "comparison_side": ""}
SETTINGS = {
    "prior_setting": "spine_clinic",
    "panel_mode": "open",
    "blind_look": "yes",
    "urgent_telephone": "020 7946 0000",
    "registration": "",
    "time_zone": "Europe/Berlin",
    "force_rule": "best",
    "flag_minutes": "45",
    "idle_minutes": "20",
    "retention_years": "10",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its name and the names of the ids in it."""

    name: str
    ids: tuple[str, ...]

    @property
    def opens(self) -> str:
        return OPENS[self.name]

    @property
    def is_clinical(self) -> bool:
        """Whether the address stands behind the clinic's door."""
        return self.opens not in {"anyone", "signed in"}

    def own(self, place: Place) -> str:
        """Return the address of the place's own record on which it works."""
        exam = place.exams[WORKS_ON[self.name]]
        own: dict[str, Any] = {
            "patient_id": place.patient.pk,
            "exam_id": exam.pk,
            "seat_id": seat_of(place),
            "digest": logo_of(place),
            **OTHER_IDS,
        }
        return reverse(self.name, kwargs={name: own[name] for name in self.ids}) + ASKED.get(self.name, "")

    def all_of(self, place: Place, *, most: int | None = None) -> Iterator[str]:
        """Yield the addresses of every record of the place, or of the first `most` exams."""
        choices: dict[str, Sequence[Any]] = {
            "patient_id": [place.patient.pk],
            "exam_id": [one.pk for one in place.exams.values()][:most],
            "seat_id": [seat_of(place)],
            "digest": [logo_of(place)],
            **{name: [value] for name, value in OTHER_IDS.items()},
        }
        for values in product(*(choices[name] for name in self.ids)):
            yield reverse(self.name, kwargs=dict(zip(self.ids, values, strict=True)))


# What else stands in an address; a name that is not known here fails the walk.
OTHER_IDS = {"slug": "gait", "uidb36": "1", "key": "set-password"}


def seat_of(place: Place) -> UUID:
    """Return the seat of the place's student: somebody whom an administrator may change."""
    return Membership.objects.get(clinic=place.clinic, user=place.people["student"]).pk


def logo_of(place: Place) -> str:
    """Return the digest of the place's logo, by which its address names it."""
    return Logo.objects.get(clinic=place.clinic).digest


def routes() -> list[Route]:
    """Return every address that the resolver knows, in its order."""
    return list(_walk(get_resolver().url_patterns, ""))


def with_ids() -> list[Route]:
    """Return the addresses that name something of a clinic."""
    return [route for route in routes() if {"patient_id", "exam_id", "seat_id", "digest"} & set(route.ids)]


def _walk(patterns: Sequence[URLPattern | URLResolver], namespace: str) -> Iterator[Route]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, inner)
        else:
            yield Route(f"{namespace}{one.name}", tuple(one.pattern.regex.groupindex))


def form_for(name: str, place: Place) -> dict[str, str]:
    """Return what a person of the place would send to the address; each is accepted on its own record."""
    canary = place.canary
    identity = {
        "family_name": f"{canary}new",
        "given_name": "Ada",
        "birth_date": "1970-01-02",
        "sex": "female",
    }
    forms: dict[str, dict[str, str]] = {
        "exams:patients": {"words": canary},
        "exams:patient_new": {**identity, "number": "N-1"},
        "exams:patient_edit": {**identity, "number": "N-2"},
        "exams:patient_merge": {
            "act": "merge",
            "number": f"{canary}-2",
            "seen": "on",
            "reason": f"Entered twice, says {canary}",
        },
        "exams:exam_new": {"protocol": "core", **ONE_SIDE, "key": str(uuid4())},
        "exams:details": {**ONE_SIDE},
        "exams:step": {
            "gait_pattern.token": "foot_slap",
            "gait_pattern.revision": str(place.revisions["gait_pattern", ""]),
        },
        "exams:answer": {
            "finding": "hip_abduction",
            "side": "left",
            "hip_abduction.left.token": "3",
            "hip_abduction.left.revision": str(place.revisions["hip_abduction", "left"]),
            "key": uuid4().hex,
            "step": "hip-abduction",
        },
        "exams:open": {"finding": "ankle_inversion"},
        "exams:red_flag": {
            "key": str(uuid4()),
            "flag": FLAG,
            "told": "supervisor",
            "action": f"Telephoned {canary}",
        },
        "exams:impression": {"site": SITE, "text": f"Thought again by {canary}"},
        "exams:sign": {
            "confirmed_patient": "on",
            "confirmed_side": "left",
            "password": factories.PASSWORD,
        },
        "exams:review_flags": {
            "key": str(uuid4()),
            "flag": FLAG,
            "told": "on_call_team",
            "action": f"Telephoned {canary}",
        },
        "exams:review_look": {"site": SITE, "text": f"Seen by {canary}"},
        "exams:review_decide": {
            "outcome": "agree",
            "site": "",
            "comment": f"Agreed by {canary}",
            "password": factories.PASSWORD,
        },
        "exams:review_caution": {"reason": f"Long known to {canary}"},
        "exams:review_return": {"comment": f"Look again, {canary}"},
        "exams:questions": {
            "act": "ask",
            "place": "hip_abduction.left",
            "text": f"Asked by {canary}",
        },
        "exams:record": {"act": "add", "text": f"Added by {canary}"},
        "exams:trail": {"group": "record", "person": "", "patient": "", "first": "", "last": ""},
        "exams:settings": {**SETTINGS, "urgent_pathway": f"Ring {canary}"},
        "exams:settings_logo": {"act": "remove"},
        "clinics:people": {
            "given": canary,
            "family": "New",
            "email": f"new@{canary.lower()}.example",
            "role": "student",
        },
        "clinics:seat": {"active": "no"},
        "clinics:switch": {"clinic": str(place.clinic.pk)},
    }
    return forms.get(name, {})
