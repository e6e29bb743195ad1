"""Timed walking: what speed is usual at a patient's age, in a sentence; it says nothing about the site."""

from __future__ import annotations

from localization.change import smallest_change
from localization.knowledge import read

WORD = {"female": "women", "male": "men"}


def usual_walk(finding: str, age: int, sex: str) -> str:
    """Return what speed is usual in this timed walk for a person of this age in years and sex.

    Empty for every other finding, and for ages that the meta-analysis does not have (Bohannon 2011).
    """
    words = read("walking")["words"]
    if finding != read("walking")["usual"]["finding"]:
        return ""
    for group in read("walking")["usual"]["group"]:
        if group["sex"] == sex and group["from"] <= age <= group["to"]:
            known = smallest_change(finding)
            return str(
                words["usual"].format(
                    who=words[WORD[sex]],
                    speed=f"{group['speed']:.2f}",
                    change=f"{known.smallest:.2f}" if known else "",
                    **{"from": group["from"], "to": group["to"]},
                )
            )
    return ""
