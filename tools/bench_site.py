"""The site's figures: saving an answer, opening a step, printing a report, each beside its least cost."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode
from uuid import UUID, uuid4

import django
import typst
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from clinics import sessions
from tools.measure import Aim, Figure, compare, slowest

django.setup()

from django.db import transaction  # noqa: E402 - models can be loaded only after set-up
from django.test import Client, override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from exams.models import Exam, Observation, SignedReport  # noqa: E402
from exams.pdf import render_pdf  # noqa: E402
from footdrop import urls  # noqa: E402
from tools.bench_wizard import stepping, wizard_path  # noqa: E402

FORM = "application/x-www-form-urlencoded"
TOLD = re.compile(rb'\.revision"\s+value="(\d+)"')
FINDING, SIDE, STEP = "ankle_eversion", "left", "ankle-and-toes"
GRADES = ("3", "4")
FLOOR = "one read and one write of the exam"


def floor(request: HttpRequest, exam_id: UUID) -> HttpResponse:
    """The least that a save can cost behind the same middleware: read the exam, write it, answer 2 kB.

    It is sent the same form as a save, and reads one field of it.
    """
    with transaction.atomic():
        exam = Exam.objects.get(pk=exam_id)
        step = request.POST["step"]
        Exam.objects.filter(pk=exam.pk).update(saved=timezone.now(), current_step=step)
    return HttpResponse("x" * 2000)


urlpatterns = [*urls.urlpatterns, path("floor/<uuid:exam_id>/", floor), wizard_path(STEP)]
handler403 = urls.handler403


def answered(response: HttpResponseBase) -> None:
    """Refuse to time anything but a success."""
    if response.status_code != 200:  # noqa: PLR2004 - HTTP's own number
        message = f"The bench was answered {response.status_code}."
        raise RuntimeError(message)


def posted(client: Client, address: str, fields: Mapping[str, object]) -> bytes:
    """Post a form as the page's script does, and refuse to time anything but a success."""
    body = urlencode(fields)
    response = client.post(address, body, content_type=FORM, headers={"HX-Request": "true"})
    answered(response)
    return response.content


def form_of(grade: str, revision: int | str) -> dict[str, object]:
    """Return what the page sends when a grade is chosen."""
    return {
        "finding": FINDING,
        "side": SIDE,
        "step": STEP,
        "key": uuid4(),
        f"{FINDING}.{SIDE}.token": grade,
        f"{FINDING}.{SIDE}.revision": revision,
    }


def saving(client: Client, exam: Exam) -> Callable[[], None]:
    """Make a piece of work that saves another grade each time, at the revision that the last answer told."""
    grades = itertools.cycle(GRADES)
    address = reverse("exams:answer", args=[exam.pk])
    row = Observation.objects.filter(exam=exam, finding=FINDING, side=SIDE).values_list("revision")
    revision: int | str = next(iter(row), (0,))[0]

    def save() -> None:
        nonlocal revision
        answer = posted(client, address, form_of(next(grades), revision))
        revision = TOLD.findall(answer)[0].decode()

    return save


def site_figures() -> Iterator[Figure]:
    """Measure with the demo's own draft exam and its examiner, signed in."""
    exam = Exam.objects.filter(state=Exam.State.DRAFT).select_related("examiner").order_by("started")[0]
    client = Client(SERVER_NAME="localhost")
    client.force_login(exam.examiner)
    with override_settings(ROOT_URLCONF="tools.bench_site"):
        yield from page_figures(client, exam)
    yield pdf_figure()


def page_figures(client: Client, exam: Exam) -> Iterator[Figure]:
    """Measure what an examiner waits for: the save, the panel after it, and the next step."""
    save, least = saving(client, exam), f"/floor/{exam.pk}/"

    def floor_view() -> bytes:
        return posted(client, least, form_of("3", 0))

    step = reverse("exams:step", args=[exam.pk, STEP])
    live = f"{reverse('exams:live', args=[exam.pk])}?step={STEP}"

    def panel() -> None:
        answered(client.get(live, headers={"HX-Request": "true", sessions.BACKGROUND_HEADER: "1"}))

    yield compare("saving one answer", save, FLOOR, floor_view, Aim(ratio=1.5))
    wizard = stepping(client, STEP, f"{FINDING}.{SIDE}", GRADES)
    yield compare("saving one answer", save, "a step of formtools' wizard", wizard, Aim(ratio=1.0))
    yield compare("the panel after an answer", panel, FLOOR, floor_view)
    yield slowest("the panel after an answer, p95", panel, FLOOR, floor_view, Aim(milliseconds=150.0))
    yield compare("opening a step", lambda: answered(client.get(step)), FLOOR, floor_view)


def pdf_figure() -> Figure:
    """Measure the print of a signed report."""
    signed = SignedReport.objects.order_by("-at")[0]
    document = json.loads(signed.document)
    return compare(
        "setting a signed report as PDF",
        lambda: render_pdf(document, hashed=signed.hash),
        "one sentence as PDF",
        lambda: typst.compile(b"#set document(title: [One])\n= One\nsentence", pdf_standards=["ua-1"]),
    )
