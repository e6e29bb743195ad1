"""Agreement on the level: the figure itself, and who counts in it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from clinics.models import AuditEvent
from exams.agreement import agreement_in, kappa
from exams.models import Exam, Opinion, SignedReport
from tests import worlds
from tests.plugins.flushing import unguarded
from tests.worlds import CANARIES

SignIn = Callable[[User], Client]
LEVELS = st.sampled_from(["nerve", "root", "central", ""])


def test_kappa_is_cohens_own_example() -> None:
    """Cohen 1960, table 1: 200 judgements, agreement 0.70 observed and 0.41 by chance, kappa 0.492."""
    table = {
        ("a", "a"): 88, ("a", "b"): 14, ("a", "c"): 18,
        ("b", "a"): 10, ("b", "b"): 40, ("b", "c"): 10,
        ("c", "a"): 2, ("c", "b"): 6, ("c", "c"): 12,
    }  # fmt: skip
    found = kappa([pair for pair, count in table.items() for _ in range(count)])
    assert (found.exams, found.agreed) == (200, 140)
    assert found.value == pytest.approx(0.492, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.055, abs=2e-3)


def test_kappa_cannot_be_computed_without_exams_or_where_chance_agrees_always() -> None:
    assert kappa([]).value is None
    assert kappa([("root", "root")] * 5).value is None


@given(st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=40))
def test_kappa_is_at_most_one_and_one_only_when_all_agree(pairs: list[tuple[str, str]]) -> None:
    found = kappa(pairs)
    mirrored = kappa([(other, one) for one, other in pairs])
    if found.value is None:
        assert mirrored.value is None
        return
    assert found.value == pytest.approx(mirrored.value)
    assert (found.value == 1) == (found.agreed == found.exams)
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.value <= found.high <= 1 or found.value < -1


def rewritten(signed: SignedReport, **conclusion: object) -> None:
    """Let a stored document's conclusion read otherwise, as another exam's would."""
    document = json.loads(signed.document)
    document["conclusion"] |= conclusion
    with unguarded():
        SignedReport.objects.filter(pk=signed.pk).update(document=json.dumps(document))


@pytest.mark.django_db
def test_the_group_of_the_level_that_stands_first_counts_and_a_failed_engine_is_not_heard() -> None:
    here = worlds.place(CANARIES[0])
    signed = here.exams["countersigned"].signed_reports.get(meaning="examined")

    def engine_against_examiner() -> tuple[int, int]:
        found = agreement_in(here.clinic)[1].kappa
        return found.exams, found.agreed

    ranked = [{"site": "deep_fibular"}, {"site": "root_L5"}]  # the examiner named the common fibular nerve
    rewritten(signed, available=True, placed=True, ranked=ranked)
    assert engine_against_examiner() == (1, 1)
    rewritten(signed, ranked=ranked[::-1])
    assert engine_against_examiner() == (1, 0)
    rewritten(signed, ranked=ranked, placed=False)
    assert engine_against_examiner() == (1, 0)
    rewritten(signed, available=False)
    assert engine_against_examiner() == (0, 0)


@pytest.mark.django_db
def test_only_countersigned_exams_and_blind_opinions_of_the_own_clinic_count(sign_in: SignIn) -> None:
    ours, theirs = (worlds.place(canary) for canary in CANARIES[:2])
    pairs = {one.label: one.kappa for one in agreement_in(ours.clinic)}
    assert [one.exams for one in pairs.values()] == [1, 1, 1]
    assert pairs["Examiner and supervisor"].agreed == 1
    other = Opinion.objects.get(exam=ours.exams["countersigned"], voice="supervisor")
    with unguarded():
        Opinion.objects.filter(pk=other.pk).update(site="root_L5")
    assert agreement_in(ours.clinic)[0].kappa.agreed == 0
    with unguarded():
        Opinion.objects.filter(pk=other.pk).update(answer_in_view=True)
    assert [one.kappa.exams for one in agreement_in(ours.clinic)] == [0, 1, 0]
    Exam.objects.filter(pk=ours.exams["countersigned"].pk).update(state=Exam.State.SUPERSEDED)
    assert [one.kappa.exams for one in agreement_in(ours.clinic)] == [0, 0, 0]
    page = sign_in(theirs.people["supervisor"]).get("/agreement/").content.decode()
    assert "1 of 1 exam" in page
    assert "Cannot be computed: everybody named one and the same level." in page
    assert AuditEvent.objects.filter(clinic=theirs.clinic, act="agreement.viewed").count() == 1
    assert sign_in(theirs.people["examiner"]).get("/agreement/").status_code == 403
