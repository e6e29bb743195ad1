"""S-04: what can be done to an exam in each state; everything else is refused with a reason."""

from __future__ import annotations

import pytest

from clinics.refusals import Refused
from exams.models import Exam
from exams.services.states import Act, state_after

ALLOWED = {
    ("draft", "change"): "draft",
    ("draft", "sign"): "submitted",
    ("draft", "void"): "void",
    ("submitted", "countersign"): "countersigned",
    ("submitted", "return"): "returned",
    ("submitted", "void"): "void",
    ("countersigned", "amend"): "countersigned",
    ("countersigned", "supersede"): "superseded",
    ("countersigned", "void"): "void",
    ("returned", "supersede"): "superseded",
    ("returned", "void"): "void",
    ("superseded", "void"): "void",
    ("void", "erase"): "erased",
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", Exam.State.values)
def test_each_act_in_each_state(state: str, act: Act) -> None:
    if (state, act) in ALLOWED:
        assert state_after(state, act) == ALLOWED[state, act]
        return
    with pytest.raises(Refused) as caught:
        state_after(state, act)
    assert caught.value.status == 409
    assert caught.value.sentence.endswith(".")
    assert caught.value.sentence.count(". ") >= 1
