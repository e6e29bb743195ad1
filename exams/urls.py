"""The clinical app's address map."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "exams"
urlpatterns: list[URLPattern] = []
