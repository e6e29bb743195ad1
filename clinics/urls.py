"""The address map of the clinic itself."""

from __future__ import annotations

from django.urls import path

from clinics.views import desks, health, session

app_name = "clinics"
urlpatterns = [
    path("clinic/", desks.switch, name="switch"),
    path("session/", session.session, name="session"),
    path("healthz", health.healthz, name="healthz"),
]
