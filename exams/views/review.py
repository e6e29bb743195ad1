"""The supervisor's pages of one exam: the blind look, and the comparison in which the decision is taken."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import clinic_page
from clinics.desk import ClinicRequest
from clinics.forms import errors_of
from exams.access import submitted_for
from exams.document import closed, with_later_actions
from exams.htmx import page
from exams.models import Exam, Opinion
from exams.pdf import PdfBusy, PdfFailed
from exams.review_forms import CautionForm, DecisionForm, LookForm, ReturnForm, site_of
from exams.services.asked import open_questions, unsettled_questions
from exams.services.review import (
    QuestionsOpen,
    close_caution,
    closure_of,
    countersign,
    look_first,
    open_review,
    own_look,
    return_exam,
    signed_by_examiner,
)
from exams.services.signing import WrongPassword, document_of, signature_holds
from localization import SITES

# What the blind look may show of the signed document: who, the alarms, and the findings. Nothing of the
# answer or of any opinion stands in these parts.
BLIND_PARTS = ("identity", "exam", "version", "state", "red_flags", "tripwire", "tables", "counts")


@clinic_page(role="supervise")
@require_http_methods(["GET", "HEAD", "POST"])
def review_look(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Show the findings only, and record the supervisor's own opinion before any other is shown."""
    desk, exam = request.desk, submitted_for(request.desk, exam_id)
    if request.method != "POST" and not _look_comes_first(request, exam):
        return redirect("exams:review", exam.id)
    form = LookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        look_first(
            desk=desk, exam=exam, site=site_of(form.cleaned_data["site"]), text=form.cleaned_data["text"]
        )
        return redirect("exams:review", exam.id)
    open_review(desk=desk, exam=exam)
    document = with_later_actions(document_of(signed_by_examiner(exam)), exam)
    # A report signed under an older template may lack a part.
    blind = {part: document[part] for part in BLIND_PARTS if part in document}
    blind["tripwire"] = closed(document.get("tripwire", {}), closure_of(exam))
    context = {"exam": exam, "document": blind, "form": form, "error_summary": errors_of(form)}
    return page(request, "exams/review_look.html", context, status=422 if form.errors else 200)


@clinic_page(role="supervise")
@require_safe
def review(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Set the three opinions side by side over the findings; the blind look comes first where it is on."""
    exam = submitted_for(request.desk, exam_id)
    if _look_comes_first(request, exam):
        return redirect("exams:review_look", exam.id)
    return _comparison(request, exam, decision=_decision(exam), back=ReturnForm())


@clinic_page(role="supervise")
@require_POST
def review_decide(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Countersign: agree or disagree, over the supervisor's password."""
    exam = submitted_for(request.desk, exam_id)
    form = _decision(exam, request.POST)
    if not (form.is_valid() and _countersigned(request, exam, form)):
        return _comparison(request, exam, decision=form, back=ReturnForm())
    messages.success(request, "Countersigned. The report now carries your decision.")
    return redirect("exams:report", exam.id)


@clinic_page(role="supervise")
@require_POST
def review_caution(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Close the caution about brain or spinal cord, with the reason."""
    exam = submitted_for(request.desk, exam_id)
    form = CautionForm(request.POST)
    if not form.is_valid():
        return _comparison(request, exam, decision=_decision(exam), back=ReturnForm(), caution=form)
    close_caution(desk=request.desk, exam=exam, reason=form.cleaned_data["reason"])
    messages.success(request, "The caution is closed. Your name and reason print in its place.")
    return redirect("exams:review", exam.id)


@clinic_page(role="supervise")
@require_POST
def review_return(request: ClinicRequest, exam_id: UUID) -> HttpResponse:
    """Send the exam back to its examiner with what should be looked at again."""
    exam = submitted_for(request.desk, exam_id)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _comparison(request, exam, decision=_decision(exam), back=form)
    return_exam(desk=request.desk, exam=exam, comment=form.cleaned_data["comment"])
    messages.success(request, "Returned. The examiner finds it with your words under “Waiting for you”.")
    return redirect("exams:reviews")


def _decision(exam: Exam, answers: QueryDict | None = None) -> DecisionForm:
    """Return the decision's form, worded for whether the signed report shows a level."""
    conclusion = document_of(signed_by_examiner(exam))["conclusion"]
    return DecisionForm(answers, placed=conclusion["placed"])


def _countersigned(request: ClinicRequest, exam: Exam, form: DecisionForm) -> bool:
    """Countersign as the form says; what a second try can mend becomes an error of the form."""
    chosen = form.cleaned_data
    try:
        countersign(
            desk=request.desk,
            exam=exam,
            agrees=form.agrees,
            site=site_of(chosen["site"]),
            comment=chosen["comment"],
            password=chosen["password"],
        )
    except WrongPassword as error:
        form.add_error("password", str(error))
    except (QuestionsOpen, PdfBusy, PdfFailed) as trouble:
        form.add_error(None, str(trouble))
    return form.is_valid()


def _look_comes_first(request: ClinicRequest, exam: Exam) -> bool:
    return request.desk.clinic.blind_look and own_look(request.desk, exam) is None


def _comparison(
    request: ClinicRequest,
    exam: Exam,
    *,
    decision: DecisionForm,
    back: ReturnForm,
    caution: CautionForm | None = None,
) -> HttpResponse:
    """Render the review page, unless the supervisor's own look is still to come."""
    if _look_comes_first(request, exam):
        return redirect("exams:review_look", exam.id)
    open_review(desk=request.desk, exam=exam)
    signed, look = signed_by_examiner(exam), own_look(request.desk, exam)
    document = with_later_actions(document_of(signed), exam)
    document |= {"tripwire": closed(document.get("tripwire", {}), closure_of(exam))}
    errors = [*errors_of(caution or CautionForm()), *errors_of(decision), *errors_of(back)]
    context = {
        "exam": exam,
        "document": document,
        "holds": signature_holds(signed),
        "look": look,
        "look_site": _site_words(look),
        "agreement": _agreement(document, look),
        "decision": decision,
        "back": back,
        "caution": caution or CautionForm(),
        "questions": open_questions(exam.clinic, [exam.series])[exam.series],
        "unsettled": unsettled_questions(exam),
        "error_summary": errors,
    }
    return page(request, "exams/review.html", context, status=422 if errors else 200)


def _site_words(look: Opinion | None) -> str:
    if look is None:
        return ""
    return SITES[look.site].label if look.site else "Not placed"


def _agreement(document: dict[str, Any], look: Opinion | None) -> str:
    """Say whether everybody who gave a level gave the same one; empty when there is nothing to compare."""
    conclusion, impression = document["conclusion"], document["impression"]
    levels = [conclusion["ranked"][0]["label"] if conclusion["placed"] else ""]
    levels += [impression["site"] if impression["given"] else "", _site_words(look)]
    if not all(levels):
        return ""
    return "All three agree" if len(set(levels)) == 1 else "The opinions differ"
