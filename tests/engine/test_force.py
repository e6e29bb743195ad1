"""Measured hip abduction: the three differences share one whole, in typical and in atypical patients."""

from __future__ import annotations

import numpy as np

from localization import Findings, Value
from localization.likelihood import force_factor

NAME = "hip_abduction_force_n"
# Newtons of the weaker and the other leg: a difference within the error, one by chance, a clear one.
DIFFERENCES = ((100.0, 100.0), (70.0, 100.0), (40.0, 100.0))


def test_the_chances_of_the_three_differences_sum_to_one_in_every_state() -> None:
    found = []
    for weaker, other in DIFFERENCES:
        left: dict[str, Value] = {NAME: weaker, "ankle_dorsiflexion": "2"}
        factors = force_factor(Findings.build(left=left, right={NAME: other}))
        assert factors is not None
        found.append(factors)
    for kind in (0, 1):
        total = sum(np.exp(factors[kind]) for factors in found)
        assert np.allclose(total, 1.0, atol=1e-12)


def test_force_measured_on_one_leg_alone_says_nothing() -> None:
    assert force_factor(Findings.build(left={NAME: 40.0})) is None
