"""Whether the probabilities hold in patients drawn from the model itself: a check of the inference alone.

It says nothing of real patients. A posterior that is exact for the model scores, on average, its own entropy,
and is right as often as it is sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from localization.casefile import Case
from localization.evaluation.intervals import mean
from localization.evaluation.performance import BINS, by_band, performance
from localization.evaluation.scored import Scored
from localization.evaluation.walks import bedside_tests
from localization.findings import DECIDING, Findings
from localization.posterior import posterior
from localization.redflags import KNOWN_BEFORE
from localization.simulation import Patient, patients

FEW = 8
EXTENTS = {
    "few": f"{FEW} bedside tests, taken at random",
    "bedside": "every bedside test",
    "complete": "every bedside test and the laboratory",
}


def calibration(count: int, seed: int, setting: str) -> dict[str, Any]:
    """Return for each extent of the examination how the posterior fares over `count` drawn patients."""
    drawn = list(patients(count, seed, setting=setting))
    extents = {}
    for extent in EXTENTS:
        exams = [_examined(patient, extent, (seed, place)) for place, patient in enumerate(drawn)]
        pairs = zip(drawn, exams, strict=True)
        extents[extent] = _figures([_scored(patient, exam, setting) for patient, exam in pairs])
    return {"n": count, "seed": seed, "setting": setting, "extents": extents}


def _examined(patient: Patient, extent: str, seed: Sequence[int]) -> Findings:
    """Return what was examined; always dorsiflexion of both legs, by which the patients were drawn."""
    if extent == "complete":
        return patient.findings
    tests = bedside_tests()
    if extent == "few":
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(tests))
        tests = tuple(tests[place] for place in order[:FEW])
    return patient.only([*KNOWN_BEFORE, DECIDING, *tests])


def _scored(patient: Patient, findings: Findings, setting: str) -> Scored:
    case = Case(name=patient.name, findings=findings, site=patient.truth.site, also=(), strict=True)
    return Scored(case=case, chances=posterior(findings, setting))


def _figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the usual figures, and the surprise at the truth beyond what the posterior expects, in nats."""
    chances = np.array([list(item.chances.values()) for item in scored])
    entropy = -(chances * np.log(chances)).sum(axis=1)
    surprise = np.array([-np.log(item.accepted) for item in scored])
    return {
        **performance(scored),
        "entropy": mean(entropy).to_json(),
        "surprise_beyond_entropy": mean(surprise - entropy).to_json(),
        "bands": by_band(scored),
        "bins": _bins(scored),
    }


def _bins(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """Return equal bins of the first site's probability: how many, how sure on average, how many right."""
    found = []
    for number in range(BINS):
        inside = [item for item in scored if min(int(item.confidence * BINS), BINS - 1) == number]
        sure = sum(item.confidence for item in inside) / len(inside) if inside else None
        found.append({"n": len(inside), "sure": sure, "right": sum(item.right(1) for item in inside)})
    return found


def as_text(result: Mapping[str, Any]) -> str:
    """Return the figures as lines for people."""
    who = f"{result['n']} drawn patients, setting {result['setting']}, seed {result['seed']}"
    lines = [f"{who}: a check of the inference against its own model, not of real patients."]
    for extent, row in result["extents"].items():
        bands = ", ".join(f"{name} {band['right']} of {band['n']}" for name, band in row["bands"].items())
        bins = ", ".join(
            f"{one['sure']:.2f} sure {one['right'] / one['n']:.2f} right (n = {one['n']})"
            for one in row["bins"]
            if one["n"]
        )
        lines += [
            f"{EXTENTS[extent]}:",
            f"  right site first {_words(row['top_1'])}, right level first {_words(row['level_top_1'])}",
            f"  log loss {_words(row['log_loss'])}, expected {_words(row['entropy'])}",
            f"  log loss beyond the expected: {_words(row['surprise_beyond_entropy'])}",
            f"  first site right, by its band of support: {bands}",
            f"  by bins: {bins}",
        ]
    return "\n".join(lines)


def _words(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
