"""The clinical app's address map."""

from __future__ import annotations

from django.urls import path

from exams.views.about import about, reference
from exams.views.agreement import agreement
from exams.views.answers import answer
from exams.views.check import check
from exams.views.details import details
from exams.views.flags import red_flag
from exams.views.home import home
from exams.views.impression import impression
from exams.views.live import live
from exams.views.merging import patient_merge
from exams.views.patients import patient, patient_edit, patient_new, patients
from exams.views.questions import questions
from exams.views.queue import review_flags, reviews
from exams.views.record import record_page
from exams.views.replay import replay
from exams.views.reports import report, report_pdf, reports
from exams.views.review import (
    review,
    review_caution,
    review_decide,
    review_look,
    review_return,
)
from exams.views.settings import logo, settings, settings_logo
from exams.views.signing import mark_rest, sign
from exams.views.time_travel import time_travel
from exams.views.trail import trail
from exams.views.wizard import exam, exam_new, open_test, step, widen

app_name = "exams"

start = [
    path("", home, name="home"),
    path("about/", about, name="about"),
    path("reference/", reference, name="reference"),
]

people = [
    path("patients/", patients, name="patients"),
    path("patients/new/", patient_new, name="patient_new"),
    path("patients/<uuid:patient_id>/", patient, name="patient"),
    path("patients/<uuid:patient_id>/merge/", patient_merge, name="patient_merge"),
    path("patients/<uuid:patient_id>/edit/", patient_edit, name="patient_edit"),
    path("patients/<uuid:patient_id>/exams/new/", exam_new, name="exam_new"),
]

examination = [
    path("exams/<uuid:exam_id>/", exam, name="exam"),
    path("exams/<uuid:exam_id>/protocol/", widen, name="widen"),
    path("exams/<uuid:exam_id>/open/", open_test, name="open"),
    path("exams/<uuid:exam_id>/steps/<slug:slug>/", step, name="step"),
    path("exams/<uuid:exam_id>/answers/", answer, name="answer"),
    path("exams/<uuid:exam_id>/live/", live, name="live"),
    path("exams/<uuid:exam_id>/red-flags/", red_flag, name="red_flag"),
    path("exams/<uuid:exam_id>/impression/", impression, name="impression"),
    path("exams/<uuid:exam_id>/details/", details, name="details"),
    path("exams/<uuid:exam_id>/check/", check, name="check"),
    path("exams/<uuid:exam_id>/rest/", mark_rest, name="mark_rest"),
    path("exams/<uuid:exam_id>/signature/", sign, name="sign"),
]

documents = [
    path("reports/", reports, name="reports"),
    path("logos/<slug:digest>.png", logo, name="logo"),
    path("exams/<uuid:exam_id>/report/", report, name="report"),
    path("exams/<uuid:exam_id>/questions/", questions, name="questions"),
    path("exams/<uuid:exam_id>/replay/", replay, name="replay"),
    path("exams/<uuid:exam_id>/record/", record_page, name="record"),
    path("exams/<uuid:exam_id>/report.pdf", report_pdf, name="report_pdf"),
]

supervision = [
    path("reviews/", reviews, name="reviews"),
    path("reviews/<uuid:exam_id>/", review, name="review"),
    path("reviews/<uuid:exam_id>/flags/", review_flags, name="review_flags"),
    path("reviews/<uuid:exam_id>/look/", review_look, name="review_look"),
    path("reviews/<uuid:exam_id>/decision/", review_decide, name="review_decide"),
    path("reviews/<uuid:exam_id>/caution/", review_caution, name="review_caution"),
    path("reviews/<uuid:exam_id>/return/", review_return, name="review_return"),
]

oversight = [
    path("agreement/", agreement, name="agreement"),
    path("signed-answers/", time_travel, name="time_travel"),
    path("trail/", trail, name="trail"),
    path("settings/", settings, name="settings"),
    path("settings/logo/", settings_logo, name="settings_logo"),
]

urlpatterns = [*start, *people, *examination, *documents, *supervision, *oversight]
