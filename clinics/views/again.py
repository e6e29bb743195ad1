"""Signs a person in on the page that keeps their unsent form, and shows the form again, ready to be sent."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.views import LoginView
from django.http import HttpRequest, HttpResponse

from clinics.views.refusals import kept_form, send_again

SIGNED_IN = "You are signed in again"


class SignInAgain(LoginView):  # type: ignore[misc]  # the accounts library has no types
    """The sign-in form beside a kept form: same rules, same throttle, but it leads back to what was kept.

    Signing in renews the token against forged forms, so that the kept form cannot be sent before the
    server has shown it anew; nothing is sent on the person's behalf.
    """

    template_name = "errors/signed_out.html"
    http_method_names: ClassVar[list[str]] = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what was kept at once to somebody who is signed in already."""
        if request.user.is_authenticated and request.method == "POST":
            return send_again(request, happened=SIGNED_IN)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and show what was kept; whoever may not sign in is told what the library tells them."""
        response: HttpResponse = super().form_valid(form)
        if not self.request.user.is_authenticated:
            return response
        return send_again(self.request, happened=SIGNED_IN)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Carry the kept form through a wrong password."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, **kept_form(self.request)}
