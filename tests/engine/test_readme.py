"""The figures that clinicians read are those that the evaluation gives."""

from __future__ import annotations

from pathlib import Path

from localization import Findings
from localization.casefile import parse_case
from localization.evaluation import evaluate
from localization.evaluation.figures import as_markdown
from localization.posterior import posterior
from tests.engine.cases import published

README = Path(__file__).parent.parent.parent / "localization" / "README.md"
BEGIN, END = "<!-- figures: begin -->\n", "\n<!-- figures: end -->"
SETTING = "physiotherapy_clinic"


def test_the_figures_in_the_readme_are_fresh() -> None:
    text = README.read_text(encoding="utf-8")
    stored = text.partition(BEGIN)[2].partition(END)[0]
    assert stored == as_markdown(evaluate(published(), SETTING))


def test_the_case_followed_by_hand_has_the_odds_of_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    leg: dict[str, str | float] = {"ankle_dorsiflexion": "2"}
    steps = [posterior(Findings.build(unsided={"gait_pattern": "steppage"}, left=leg), SETTING)]
    for name in ("hip_abduction", "ankle_inversion"):
        leg[name] = "5"
        steps.append(posterior(Findings.build(unsided={"gait_pattern": "steppage"}, left=leg), SETTING))
    odds = [chances["common_fibular"] / chances["root_L5"] for chances in steps]
    for figure in (f"{odds[0]:.1f}", f"{odds[1]:.1f}", f"{odds[2]:.0f}"):
        assert f"| {figure} |" in text
    assert f"ends at {steps[-1]['common_fibular']:.2f}" in text


def test_the_readme_counts_the_textbook_examinations_as_they_come_out() -> None:
    files = sorted((README.parent.parent / "tests" / "vignettes").glob("*.toml"))
    cases = [parse_case(path.name, path.read_text(encoding="utf-8")) for path in files]
    result = evaluate(cases, SETTING)
    right = round(result["top_1"]["value"] * result["n"])
    text = " ".join(README.read_text(encoding="utf-8").split())
    assert f"On {result['n']} complete textbook examinations" in text
    assert f"the right site comes first in {right}." in text
