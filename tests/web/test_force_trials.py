"""Measured forces: up to three trials kept, their best or mean, per kilogram, and beside the other leg."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.models import Clinic
from exams.answer import Answer, Rejected, checked
from exams.document.canonical import record_digest
from exams.models import Exam, Observation
from exams.services.replay import replay
from exams.services.signing import draft_document
from exams.services.versions import differences
from localization import force_rules, from_trials, side_difference
from tests import factories

SignIn = Callable[[User], Client]
FORCE = "dorsiflexion_force_n"


@pytest.fixture
def exam(owner: User) -> Exam:
    return factories.exam(factories.desk(owner), protocol="full")


def said(exam: Exam, owner: User, left: str, **more: str) -> Observation:
    desk = factories.desk(owner)
    for place, token in {
        f"{FORCE}.left": left,
        **{name.replace("__", "."): v for name, v in more.items()},
    }.items():
        factories.answer(desk, exam, place, token)
    return Observation.objects.get(exam=exam, finding=FORCE, side="left")


@pytest.mark.parametrize(
    ("rule", "typed", "value", "trials"),
    [
        ("best", "112 118 109", "118", "best 112 118 109"),
        ("mean", "112 118 109", "113", "mean 112 118 109"),
        ("mean", "100 101", "100.5", "mean 100 101"),
        ("best", "112/118,5", "118.5", "best 112 118.5"),
        ("best", "118", "118", ""),
    ],
)
def test_trials_come_to_one_value_by_the_clinics_rule_and_all_are_kept(
    rule: str, typed: str, value: str, trials: str, exam: Exam, owner: User, clinic: Clinic
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(force_rule=rule)
    row = said(exam, owner, typed)
    assert (row.token, row.trials) == (value, trials)
    held = replay(exam)[FORCE, "left"]
    assert (held.token, held.trials) == (value, trials)


@pytest.mark.parametrize("typed", ["1 2 3 4", "112 x", "112 2001", "112 -1"])
def test_what_is_no_trial_is_refused(typed: str, exam: Exam, owner: User) -> None:
    with pytest.raises(Rejected, match="Dorsiflexion force"):
        said(exam, owner, typed)
    assert not exam.observations.exists()


def test_the_clinics_rules_are_those_of_the_knowledge() -> None:
    assert set(Clinic.ForceRule.values) == set(force_rules())


def test_only_forces_take_trials_and_nobody_sends_them_ready_made() -> None:
    with pytest.raises(Rejected):
        checked(Answer(finding="dorsiflexion_range_deg", side="left", token="5 6"))
    forged = Answer(finding=FORCE, side="left", token="500", trials="best 112 118 109")
    assert checked(forged).trials == ""


@given(st.lists(st.integers(0, 2000), min_size=2, max_size=3), st.sampled_from(["best", "mean"]))
def test_a_checked_answer_stays_what_it_is_when_checked_again(trials: list[int], rule: str) -> None:
    once = checked(Answer(finding=FORCE, side="left", token=" ".join(map(str, trials))), rule)
    assert checked(once, "mean" if rule == "best" else "best") == once
    assert min(trials) <= float(once.token) <= max(trials)
    assert once.token == from_trials([str(trial) for trial in trials], rule)


def test_the_step_takes_trials_as_a_plain_form_and_shows_them_again(
    exam: Exam, owner: User, sign_in: SignIn
) -> None:
    client, where = sign_in(owner), f"/exams/{exam.pk}/steps/measured/"
    page = client.get(where).content.decode()
    assert "Up to 3 trials with a space between" in page
    sent = {f"{FORCE}.left.token": "112 118 109", f"{FORCE}.left.revision": "0", "key": uuid4().hex}
    assert client.post(where, sent).status_code == 302
    assert 'value="112 118 109"' in client.get(where).content.decode()
    row = Observation.objects.get(exam=exam)
    assert (row.token, row.trials) == ("118", "best 112 118 109")


def test_the_report_prints_every_trial_per_kilogram_and_the_side_difference_without_a_percentage(
    exam: Exam, owner: User
) -> None:
    said(exam, owner, "80 78 75", dorsiflexion_force_n__right="100 98 96", body_mass_kg="50")
    tables = draft_document(Exam.objects.get(pk=exam.pk))["tables"]
    cells = next(row["cells"] for table in tables for row in table["sided"] if row["finding"] == FORCE)
    left, right = cells
    assert left["text"] == "80 N"
    assert left["detail"] == (
        "best of 3: 80, 78, 75 N; 1.60 N/kg; "
        "less than in the other leg, but uncertain: healthy legs may differ as much"
    )
    assert right["detail"] == "best of 3: 100, 98, 96 N; 2.00 N/kg"


def test_trials_are_signed_for_and_an_older_record_keeps_its_digest(exam: Exam, owner: User) -> None:
    row = said(exam, owner, "118")
    alone = record_digest(exam)
    assert alone == record_digest(Exam.objects.get(pk=exam.pk))
    Observation.objects.filter(pk=row.pk).update(trials="best 112 118 109")
    assert record_digest(exam) != alone


def test_two_versions_with_other_trials_differ(exam: Exam, owner: User) -> None:
    said(exam, owner, "112 118 109")
    second = factories.exam(factories.desk(owner), exam.patient, protocol="full")
    said(second, owner, "90 118 91")
    found = [one for one in differences(exam, second) if "force" in one.label]
    assert [(one.before, one.after) for one in found] == [
        ("118 N (best of 3: 112, 118, 109 N)", "118 N (best of 3: 90, 118, 91 N)")
    ]


def test_the_side_difference_has_an_uncertain_zone_and_no_rule_of_ten_per_cent() -> None:
    zones = {force: side_difference(str(force), "100") for force in (99, 89, 86, 85, 75, 74, 60, 59)}
    assert zones[99] == zones[89] == zones[86] == "no less beside the other leg than healthy legs differ"
    assert zones[85] == zones[75]
    assert "uncertain" in zones[85]
    assert zones[74] == zones[60] == "less than in the other leg: likely weak"
    assert zones[59] == "much less than in the other leg: weak"
    assert side_difference("100", "100") == side_difference("120", "100") == ""


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 2000))
def test_a_weaker_leg_never_reads_as_less_weak(other: int) -> None:
    order = [side_difference(str(force), str(other)) for force in range(other - 1, -1, -1)]
    changes = [(one, two) for one, two in pairwise(order) if one != two]
    assert len(changes) <= 3
    assert len({two for _, two in changes}) == len(changes)
