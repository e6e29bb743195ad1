"""Lets a person who works in several clinics choose where they work now."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinics.access import memberships_of
from clinics.middleware import sit_down
from clinics.views.refusals import is_carried, send_again


@login_required
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Show the person's clinics; make the chosen one current and go back to the page asked for.

    A form that was sent before there was a clinic comes along and is shown, ready to be sent.
    """
    mine = memberships_of(request.user)
    wanted = request.POST.get("clinic", "")
    following = request.POST.get("next") or request.GET.get("next") or ""
    if request.method == "POST":
        chosen = next((one for one in mine if str(one.clinic_id) == wanted), None)
        if chosen is None:
            raise Http404
        sit_down(request, chosen)
        if is_carried(request):
            return send_again(request, happened=f"You work at {chosen.clinic.name} now")
        return redirect(following if get_adapter(request).is_safe_url(following) else "exams:home")
    return render(request, "clinics/switch.html", {"memberships": mine, "next": following})
