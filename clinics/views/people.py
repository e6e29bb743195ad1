"""The clinic's people, for its administrator: who works here as what, inviting and disabling."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import clinic_page
from clinics.audit import record_view
from clinics.desk import ClinicRequest, Desk
from clinics.forms import errors_of
from clinics.models import Membership
from clinics.people import change_role, invite, link_for, set_active, set_registration
from clinics.people_forms import InviteForm, SeatForm
from clinics.refusals import Refused

NOT_CHANGED = "Nothing was changed: choose a role from the list, or type a number of at most 60 characters."
LINK_ELSEWHERE = (
    "Another clinic on this server let this person in too. The link that it handed over works here as well."
)


@clinic_page(role="manage")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: ClinicRequest) -> HttpResponse:
    """List who works here; a filled-in form invites one more and shows the link to hand over, once."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    link = ""
    if form.is_bound and form.is_valid():
        try:
            invited = invite(desk=request.desk, **form.cleaned_data)
        except Refused as why:
            form.add_error("email", why.sentence)
        else:
            link, form = invited.path, InviteForm()
            messages.success(request, f"{invited.membership.user.get_full_name()} may work here now.")
            _tell_of_another_link(request, invited.membership, link)
    record_view(request.desk, request.desk.clinic, act="people.listed")
    return _page(request, form, link)


@clinic_page(role="manage")
@require_POST
def seat(request: ClinicRequest, seat_id: UUID) -> HttpResponse:
    """Change a person's role, disable or enable them, or show their invitation again."""
    membership = _seat_of(request.desk, seat_id)
    form = SeatForm(request.POST)
    if not form.is_valid():
        messages.error(request, NOT_CHANGED)
        return redirect("clinics:people")
    said = form.cleaned_data
    if said["link"]:
        record_view(request.desk, membership, act="person.invitation_shown")
        link = link_for(membership)
        _tell_of_another_link(request, membership, link)
        return _page(request, InviteForm(), link)
    try:
        if said["role"]:
            change_role(desk=request.desk, membership=membership, role=said["role"])
        if "registration" in request.POST:
            given = said["registration"]
            set_registration(desk=request.desk, membership=membership, registration=given)
        if said["active"]:
            set_active(desk=request.desk, membership=membership, active=said["active"] == "yes")
    except Refused as why:
        messages.error(request, why.sentence)
    return redirect("clinics:people")


def _tell_of_another_link(request: ClinicRequest, membership: Membership, link: str) -> None:
    """Say why there is no link to hand over to somebody who has not chosen a password yet."""
    if not link and not membership.user.has_usable_password():
        messages.info(request, LINK_ELSEWHERE)


def _page(request: ClinicRequest, form: InviteForm, link: str) -> HttpResponse:
    seats = Membership.objects.filter(clinic=request.desk.clinic).select_related("user")
    context: dict[str, Any] = {
        "form": form,
        "seats": seats.order_by("-is_active", "user__last_name", "user__first_name", "pk"),
        "roles": Membership.Role.choices,
        "link": request.build_absolute_uri(link) if link else "",
        "error_summary": errors_of(form),
    }
    return render(request, "clinics/people.html", context, status=422 if form.errors else 200)


def _seat_of(desk: Desk, seat_id: UUID) -> Membership:
    found = Membership.objects.filter(clinic=desk.clinic, pk=seat_id).select_related("user").first()
    if found is None:
        raise Http404("There is no such person in this clinic.")
    return found
