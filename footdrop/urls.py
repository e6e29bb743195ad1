"""The site's address map: signing in, the clinic switcher, the health check, and the clinical app."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("clinics.urls")),
    path("accounts/", include("clinics.account_urls")),
    path("", include("exams.urls")),
]

handler400 = "clinics.outages.bad_request"
handler403 = "clinics.views.refusals.forbidden"
handler500 = "clinics.outages.server_error"
