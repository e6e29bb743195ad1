"""Signing and countersigning as a test needs it: with everything said that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from exams.models import Exam, SignedReport
from exams.services.review import countersign, look_first, open_review
from exams.services.signing import (
    SigningRefused,
    sign_exam,
)
from tests import factories


def sign(owner: User, exam: Exam, **said: Any) -> SignedReport:
    given = {"password": factories.PASSWORD, "confirmed_patient": True, "confirmed_side": exam.affected_side}
    return sign_exam(desk=factories.desk(owner), exam=exam, **{**given, **said})


def refused(owner: User, exam: Exam, **said: Any) -> list[str]:
    with pytest.raises(SigningRefused) as caught:
        sign(owner, exam, **said)
    exam.refresh_from_db()
    assert exam.state == Exam.State.DRAFT
    assert not SignedReport.objects.exists()
    return [problem.field for problem in caught.value.problems]


def countersigned(supervisor: User, exam: Exam, *, agrees: bool = True) -> SignedReport:
    desk = factories.desk(supervisor)
    look_first(desk=desk, exam=exam, site="common_fibular", text="Looks like the fibular neck.")
    open_review(desk=desk, exam=exam)
    comment = "Seen and tested again."
    return countersign(
        desk=desk, exam=exam, agrees=agrees, site="root_L5", comment=comment, password=factories.PASSWORD
    )
