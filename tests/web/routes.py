"""Every address of the site as the resolver knows it, who may open it, and a form it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinics.models import Membership
from tests import factories
from tests.worlds import SITE, Place

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
READS = {"examiner", "student", "supervisor"}

# Who may open an address: "anyone", "signed in", "member" of the clinic, or whoever holds the role.
# A new address without a line here fails the build.
OPENS: Mapping[str, str] = {
    "account_login": "anyone",
    "account_logout": "anyone",
    "account_inactive": "anyone",
    "account_change_password": "signed in",
    "account_reset_password": "anyone",
    "account_reset_password_done": "anyone",
    "account_reset_password_from_key": "anyone",
    "account_reset_password_from_key_done": "anyone",
    "clinics:healthz": "anyone",
    "clinics:session": "anyone",
    "clinics:sign_in_again": "anyone",
    "clinics:switch": "signed in",
    "exams:home": "member",
    "exams:about": "member",
    "exams:reference": "member",
    "exams:patients": "read",
    "exams:patient": "read",
    "exams:patient_new": "examine",
    "exams:patient_edit": "examine",
    "exams:exam_new": "examine",
    "exams:exam": "read",
    "exams:step": "examine",
    "exams:answer": "examine",
    "exams:live": "examine",
    "exams:red_flag": "examine",
    "exams:widen": "examine",
    "exams:open": "examine",
    "exams:impression": "examine",
    "exams:check": "examine",
    "exams:details": "examine",
    "exams:mark_rest": "examine",
    "exams:sign": "sign",
    "exams:report": "read",
    "exams:report_pdf": "read",
    "exams:questions": "read",
    "exams:record": "read",
    "exams:replay": "read",
    "exams:reports": "read",
    "exams:reviews": "supervise",
    "exams:review": "supervise",
    "exams:review_look": "supervise",
    "exams:review_decide": "supervise",
    "exams:review_caution": "supervise",
    "exams:review_return": "supervise",
    "exams:agreement": "supervise",
    "exams:trail": "audit",
    "exams:settings": "manage",
    "clinics:people": "manage",
    "clinics:seat": "manage",
}
ROLES: Mapping[str, set[str]] = {
    "anyone": READS | {"clinic_admin", "auditor"},
    "signed in": READS | {"clinic_admin", "auditor"},
    "member": READS | {"clinic_admin", "auditor"},
    "read": READS,
    "examine": READS,
    "sign": {"examiner", "supervisor"},
    "supervise": {"supervisor"},
    "audit": {"auditor"},
    "manage": {"clinic_admin"},
}
# The exam on which an address does its work; any other state is refused.
WORKS_ON: Mapping[str, str] = {
    "exams:sign": "ready",
    "exams:review_look": "submitted",
    "exams:review": "looked",
    "exams:review_decide": "looked",
    "exams:review_caution": "looked",
    "exams:review_return": "looked",
    "exams:questions": "submitted",
    "exams:record": "countersigned",
    "exams:replay": "countersigned",
    "exams:report": "countersigned",
    "exams:report_pdf": "countersigned",
}
# The clinical addresses that take a form.
POSTS = frozenset(
    f"exams:{page}"
    for page in (
        "patients",
        "patient_new",
        "patient_edit",
        "exam_new",
        "step",
        "answer",
        "red_flag",
        "widen",
        "open",
        "impression",
        "details",
        "mark_rest",
        "sign",
        "review_look",
        "review_decide",
        "review_caution",
        "review_return",
        "trail",
        "settings",
        "record",
        "questions",
    )
)
POSTS |= {"clinics:people", "clinics:seat"}
# What a page is asked for beside its address.
ASKED: Mapping[str, str] = {"exams:open": "?finding=ankle_inversion"}
FLAG = "cauda_equina"
ONE_SIDE = {"affected_side": "right", "worse_side": "", "comparison_side": ""}
SETTINGS = {
    "prior_setting": "spine_clinic",
    "panel_mode": "open",
    "blind_look": "yes",
    "urgent_telephone": "020 7946 0000",
    "time_zone": "Europe/Berlin",
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
        exam = place.exams[WORKS_ON.get(self.name, "draft")]
        own: dict[str, Any] = {
            "patient_id": place.patient.pk,
            "exam_id": exam.pk,
            "seat_id": seat_of(place),
            **OTHER_IDS,
        }
        return reverse(self.name, kwargs={name: own[name] for name in self.ids}) + ASKED.get(self.name, "")

    def all_of(self, place: Place, *, most: int | None = None) -> Iterator[str]:
        """Yield the addresses of every record of the place, or of the first `most` exams."""
        choices: dict[str, Sequence[Any]] = {
            "patient_id": [place.patient.pk],
            "exam_id": [one.pk for one in place.exams.values()][:most],
            "seat_id": [seat_of(place)],
            **{name: [value] for name, value in OTHER_IDS.items()},
        }
        for values in product(*(choices[name] for name in self.ids)):
            yield reverse(self.name, kwargs=dict(zip(self.ids, values, strict=True)))


# What else stands in an address; a name that is not known here fails the walk.
OTHER_IDS = {"slug": "gait", "uidb36": "1", "key": "set-password"}


def seat_of(place: Place) -> UUID:
    """Return the seat of the place's student: somebody whom an administrator may change."""
    return Membership.objects.get(clinic=place.clinic, user=place.people["student"]).pk


def routes() -> list[Route]:
    """Return every address that the resolver knows, in its order."""
    return list(_walk(get_resolver().url_patterns, ""))


def with_ids() -> list[Route]:
    """Return the addresses that name a patient or an exam."""
    return [route for route in routes() if {"patient_id", "exam_id", "seat_id"} & set(route.ids)]


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
