"""Signing while somebody saves, amends or returns: what is signed is one version, never a mixture of two."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User

from exams.models import Decision, Exam, Observation, SignedReport
from exams.services.afterwards import amend
from exams.services.review import return_exam
from exams.services.signing import signature_holds
from tests import factories
from tests.web.racing import agree, at_once, later, repeated
from tests.web.reported import fibular_exam, ready_to_sign
from tests.web.reviewed import looked_at, submitted_exam
from tests.web.signed import sign

pytestmark = pytest.mark.django_db(transaction=True)

FEW, MANY = 20, 1_000


def dorsiflexion(signed: SignedReport) -> str:
    """Return the patient's LEFT ankle dorsiflexion as the signed document prints it."""
    tables = json.loads(signed.document)["tables"]
    rows = [
        row for table in tables for row in table["sided"] if row["label"].startswith("Ankle dorsiflexion")
    ]
    return str(rows[0]["cells"][0]["text"])


def sign_while_saving(owner: User, draw: random.Random) -> str:
    """Sign and save at once; say who came first, having checked that both tell of the same version."""
    desk = factories.desk(owner)
    exam = ready_to_sign(desk, fibular_exam(desk))
    signs, saves = at_once(
        [
            later(lambda: sign(owner, Exam.objects.get(pk=exam.pk)), draw),
            later(lambda: factories.answer(desk, exam, "ankle_dorsiflexion.left", "4"), draw),
        ]
    )
    assert signs
    signed = SignedReport.objects.select_related("exam").get(exam=exam)
    stored = Observation.objects.get(exam=exam, finding="ankle_dorsiflexion", side="left")
    assert signature_holds(signed)
    assert stored.token == ("4" if saves else "2")
    assert dorsiflexion(signed).startswith(stored.token)
    return "saved, then signed" if saves else "signed, save refused"


def countersign_while_amending(owner: User, supervisor: User, draw: random.Random) -> str:
    exam = looked_at(supervisor, submitted_exam(owner))
    desk, theirs = factories.desk(owner), factories.desk(supervisor)
    agrees, amends = at_once(
        [
            later(lambda: agree(theirs, exam), draw),
            later(lambda: amend(desk=desk, exam=exam, reason="Tested again."), draw),
        ]
    )
    assert agrees
    assert exam.signed_reports.count() == 2
    assert all(signature_holds(one) for one in exam.signed_reports.all())
    versions = Exam.objects.filter(series=exam.series).order_by("version").values_list("version", "state")
    assert list(versions) == [(1, "countersigned"), (2, "draft")][: 1 + amends]
    return "countersigned, then amended" if amends else "amendment refused"


def countersign_while_returning(owner: User, supervisor: User, draw: random.Random) -> str:
    exam = looked_at(supervisor, submitted_exam(owner))
    desk = factories.desk(supervisor)
    heard = at_once(
        [
            later(lambda: agree(desk, exam), draw),
            later(lambda: return_exam(desk=desk, exam=exam, comment="Again."), draw),
        ]
    )
    assert sorted(heard) == [False, True]
    agreed = heard[0]
    assert Decision.objects.get(exam=exam).outcome == ("agree" if agreed else "returned")
    assert exam.signed_reports.count() == (2 if agreed else 1)
    assert all(signature_holds(one) for one in exam.signed_reports.all())
    assert Exam.objects.filter(series=exam.series).count() == (1 if agreed else 2)
    return "countersigned" if agreed else "returned"


def test_S02_C09_signing_raced_against_saving_never_mixes_versions(owner: User) -> None:
    assert repeated(owner, partial(sign_while_saving, owner), FEW).total() == FEW


@pytest.mark.long
def test_S02_C09_signing_raced_against_saving_a_thousand_times_never_mixes_versions(owner: User) -> None:
    found = repeated(owner, partial(sign_while_saving, owner), MANY)
    assert found.total() == MANY
    assert len(found) == 2, "both orders have to happen, or this is no race"


@pytest.mark.parametrize("race", [countersign_while_amending, countersign_while_returning])
def test_S04_a_decision_raced_against_another_act_leaves_one_state(
    owner: User, supervisor: User, race: Callable[[User, User, random.Random], str]
) -> None:
    assert repeated(owner, partial(race, owner, supervisor), 4).total() == 4


@pytest.mark.long
@pytest.mark.parametrize("race", [countersign_while_amending, countersign_while_returning])
def test_S04_a_decision_raced_against_another_act_a_hundred_times_leaves_one_state(
    owner: User, supervisor: User, race: Callable[[User, User, random.Random], str]
) -> None:
    found = repeated(owner, partial(race, owner, supervisor), 100)
    assert len(found) == 2, "both orders have to happen, or this is no race"
