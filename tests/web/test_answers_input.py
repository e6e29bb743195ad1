"""Whatever is posted to an answer or a step, the server answers in words and the record stays whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.models import AuditEvent
from exams.answer import NOT_TESTED, answer_of, checked
from exams.models import Exam, Observation
from exams.steps import STEPS, asked_findings
from localization import CATALOGUE
from tests import factories

pytestmark = pytest.mark.django_db

TOKENS = sorted({value.token for scale in CATALOGUE.scales.values() for value in scale.values})
JUNK = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["\x00", "a\x00b", "-1", "1e309", "10" * 15, "٣", "9" * 4000, "<script>", "{{7*7}}", "'; --"]
    ),
)
TOKEN = st.one_of(st.sampled_from([*TOKENS, NOT_TESTED, "", "12.5", "7"]), JUNK)
REVISION = st.one_of(st.sampled_from(["", "0", "1", "2", "99"]), JUNK)
FINDING = st.one_of(st.sampled_from(sorted(asked_findings())), JUNK)
SIDE = st.one_of(st.sampled_from(["", "left", "right"]), JUNK)
DETAIL = st.one_of(st.just(""), st.sampled_from(["pain", "weak", "normal", "pinprick", "other"]), JUNK)
PARTS = ("reason", "confounder", "count_as", "modality", "note")
FORM = "application/x-www-form-urlencoded"
GENERATED = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def examiner(owner: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch) -> Client:
    """A signed-in examiner; the engine is left out, as its reading is not what these inputs reach."""

    def none(*_: object, **__: object) -> None:
        raise RuntimeError("not asked here")

    monkeypatch.setattr("exams.services.localizing.localize", none)
    return sign_in(owner)


@pytest.fixture
def draft(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full", answers={"hip_abduction.left": "3"})


def assert_whole(draft: Exam, counted_before: int) -> None:
    """Every stored answer is one the catalogue knows, and each change has its event."""
    draft.refresh_from_db()
    for row in Observation.objects.filter(exam=draft):
        assert checked(answer_of(row)) == answer_of(row)
        assert row.revision <= draft.revision
    events = AuditEvent.objects.filter(act__startswith="answer.").count()
    assert events - counted_before == draft.revision - 1


ANSWERS = st.fixed_dictionaries(
    {
        "finding": FINDING,
        "side": SIDE,
        "token": TOKEN,
        "revision": REVISION,
        "key": st.one_of(st.uuids().map(lambda made: made.hex), JUNK),
        "clear": st.sampled_from(["", "", "1"]),
        **dict.fromkeys(PARTS, DETAIL),
    }
)


def post_answer(examiner: Client, draft: Exam, said: Mapping[str, str]) -> None:
    """Post one answer: it is saved, in conflict or refused, and the record stays whole."""
    around = ("finding", "side", "key")
    prefix = f"{said['finding']}.{said['side']}" if said["side"] else said["finding"]
    fields = {f"{prefix}.{part}": value for part, value in said.items() if part not in around}
    fields |= {"step": said["token"], **{name: said[name] for name in around}}
    if not said["clear"]:
        del fields[f"{prefix}.clear"]
    draft.refresh_from_db()
    before = AuditEvent.objects.filter(act__startswith="answer.").count() - (draft.revision - 1)
    answer = examiner.post(
        reverse("exams:answer", args=[draft.pk]),
        urlencode(fields, errors="surrogatepass"),
        content_type=FORM,
        headers={"HX-Request": "true"},
    )
    assert answer.status_code in {200, 409, 422}
    assert_whole(draft, before)


def post_step(examiner: Client, draft: Exam, data: st.DataObject) -> None:
    """Post a step's form with junk in some of its fields: it is saved, in conflict or refused, whole."""
    step = data.draw(st.sampled_from(STEPS[:-2]))
    said: dict[str, list[str]] = {}
    for finding, side in data.draw(st.lists(st.sampled_from(step.places), max_size=3)):
        prefix = f"{finding}.{side}" if side else finding
        for part in ("token", "revision", *PARTS):
            values = data.draw(st.lists(TOKEN if part == "token" else DETAIL, max_size=2))
            said[f"{prefix}.{part}"] = values
    if data.draw(st.booleans()):
        said["continue_without"] = ["1"]
    draft.refresh_from_db()
    before = AuditEvent.objects.filter(act__startswith="answer.").count() - (draft.revision - 1)
    url = reverse("exams:step", args=[draft.pk, step.slug])
    answer = examiner.post(url, urlencode(said, doseq=True, errors="surrogatepass"), content_type=FORM)
    assert answer.status_code in {302, 409, 422}
    assert_whole(draft, before)


@GENERATED
@given(said=ANSWERS)
def test_no_answer_breaks_the_endpoint(examiner: Client, draft: Exam, said: dict[str, str]) -> None:
    post_answer(examiner, draft, said)


@GENERATED
@given(data=st.data())
def test_no_form_breaks_a_step(examiner: Client, draft: Exam, data: st.DataObject) -> None:
    post_step(examiner, draft, data)


@pytest.mark.long
@settings(GENERATED, max_examples=10_000)
@given(said=ANSWERS)
def test_H11_no_answer_of_ten_thousand_does(examiner: Client, draft: Exam, said: dict[str, str]) -> None:
    """H-11, the full count."""
    post_answer(examiner, draft, said)


@pytest.mark.long
@settings(GENERATED, max_examples=10_000)
@given(data=st.data())
def test_H11_no_form_of_ten_thousand_does(examiner: Client, draft: Exam, data: st.DataObject) -> None:
    """H-11, the full count."""
    post_step(examiner, draft, data)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"%00=%00",
        b"finding=%ff%fe&side=%c3%28&key=%80",
        b"&&&===",
        b"finding=onset&finding=slr&side=left",
    ],
)
def test_broken_bytes_are_refused_in_words(examiner: Client, draft: Exam, body: bytes) -> None:
    answer = examiner.post(reverse("exams:answer", args=[draft.pk]), body, content_type=FORM)
    assert answer.status_code == 422
    assert Observation.objects.count() == 1


def test_a_megabyte_of_note_is_refused(examiner: Client, draft: Exam) -> None:
    said = {"finding": "onset", "side": "", "key": "a-fresh-key", "onset.token": "days"}
    answer = examiner.post(reverse("exams:answer", args=[draft.pk]), {**said, "onset.note": "n" * 1_000_000})
    assert answer.status_code == 422
    assert Observation.objects.count() == 1
