"""The address map of the clinic itself."""

from __future__ import annotations

from django.urls import path

from clinics.views import desks, health, people, session
from clinics.views.again import SignInAgain

app_name = "clinics"
urlpatterns = [
    path("clinic/", desks.switch, name="switch"),
    path("people/", people.people, name="people"),
    path("people/<uuid:seat_id>/", people.seat, name="seat"),
    path("sign-in-again/", SignInAgain.as_view(), name="sign_in_again"),
    path("session/", session.session, name="session"),
    path("healthz", health.healthz, name="healthz"),
]
