"""Lets a person who works in several clinics choose where they work now."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinics.middleware import sit_down
from clinics.models import Membership


@login_required
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Show the person's clinics; make the chosen one current and go back to the page asked for."""
    mine = _memberships_of(request.user)
    wanted = request.POST.get("clinic", "")
    following = request.POST.get("next") or request.GET.get("next") or ""
    if request.method == "POST":
        chosen = next((one for one in mine if str(one.clinic_id) == wanted), None)
        if chosen is None:
            raise Http404
        sit_down(request, chosen)
        return redirect(following if get_adapter(request).is_safe_url(following) else "exams:home")
    return render(request, "clinics/switch.html", {"memberships": mine, "next": following})


def _memberships_of(user: object) -> list[Membership]:
    if not isinstance(user, User):
        return []
    return list(
        Membership.objects.current().filter(user=user).select_related("clinic").order_by("clinic__name")
    )
