"""The knowledge agrees with itself, every number says where it is from, and a fault is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from localization import BANDS, PHRASES, SITES, SOURCES, Findings, localize
from localization.knowledge import names, read
from localization.posterior import posterior
from localization.reference import page
from localization.selfcheck import problems

ROOT = Path(__file__).parent.parent.parent
VOCABULARY = [
    ("brain", "central"),
    ("spinal_cord", "central"),
    ("anterior_horn", "anterior_horn"),
    ("cauda_equina", "root"),
    ("root_L4", "root"),
    ("root_L5", "root"),
    ("roots_L4_L5", "root"),
    ("roots_L5_S1", "root"),
    ("lumbosacral_plexus", "plexus"),
    ("sciatic", "sciatic"),
    ("common_fibular", "fibular"),
    ("deep_fibular", "fibular"),
    ("superficial_fibular", "fibular"),
    ("polyneuropathy", "generalised"),
    ("neuromuscular_junction", "generalised"),
    ("muscle", "generalised"),
    ("functional", "functional"),
    ("none", "none"),
]
TYPICAL: dict[str, dict[str, dict[str, str]]] = {
    "brain": {
        "once": {
            "onset": "sudden",
            "hemibody": "yes",
            "face_or_speech": "yes",
            "gait_pattern": "circumduction",
        },
        "leg": {"ankle_dorsiflexion": "2", "plantar_response": "extensor", "knee_reflex": "brisk"},
    },
    "spinal_cord": {
        "once": {
            "sensory_level": "yes",
            "gait_pattern": "scissor",
            "side": "bilateral",
            "bladder_bowel": "yes",
        },
        "leg": {"ankle_dorsiflexion": "3", "plantar_response": "extensor", "tone": "spastic"},
    },
    "anterior_horn": {
        "once": {"onset": "months", "progressive": "yes", "painless": "yes", "cramps": "yes"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "fasciculations": "yes",
            "atrophy": "yes",
            "dorsum_foot": "normal",
            "sole": "normal",
            "knee_reflex": "brisk",
        },
    },
    "cauda_equina": {
        "once": {"saddle": "absent", "bladder_bowel": "yes", "back_pain": "yes", "side": "bilateral"},
        "leg": {"ankle_dorsiflexion": "2", "ankle_plantarflexion": "3", "ankle_reflex": "absent"},
    },
    "root_L4": {
        "once": {"back_pain": "yes", "radiating_leg_pain": "yes"},
        "leg": {
            "ankle_dorsiflexion": "4",
            "great_toe_extension": "5",
            "ankle_eversion": "5",
            "knee_extension": "3",
            "hip_adduction": "4",
            "medial_leg": "reduced",
            "knee_reflex": "absent",
            "femoral_stretch": "positive",
            "dorsum_foot": "normal",
        },
    },
    "root_L5": {
        "once": {"back_pain": "yes", "radiating_leg_pain": "yes", "precipitant": "lifting"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "hip_abduction": "3",
            "ankle_inversion": "3",
            "slr": "positive",
            "ankle_plantarflexion": "5",
            "knee_extension": "5",
            "knee_reflex": "normal",
        },
    },
    "roots_L4_L5": {
        "once": {"back_pain": "yes", "radiating_leg_pain": "yes"},
        "leg": {
            "ankle_dorsiflexion": "1",
            "hip_abduction": "3",
            "ankle_inversion": "2",
            "knee_extension": "4-",
            "knee_reflex": "absent",
            "medial_leg": "reduced",
            "ankle_plantarflexion": "5",
            "slr": "positive",
        },
    },
    "roots_L5_S1": {
        "once": {"back_pain": "yes", "radiating_leg_pain": "yes", "saddle": "normal", "bladder_bowel": "no"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "hip_abduction": "3",
            "ankle_plantarflexion": "3",
            "ankle_reflex": "absent",
            "lateral_foot": "reduced",
            "slr": "positive",
            "sural_snap": "normal",
            "superficial_fibular_snap": "normal",
        },
    },
    "lumbosacral_plexus": {
        "once": {"precipitant": "labour", "back_pain": "no", "radiating_leg_pain": "yes"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "hip_abduction": "4-",
            "ankle_inversion": "3",
            "superficial_fibular_snap": "absent",
            "emg_paraspinals": "normal",
        },
    },
    "sciatic": {
        "once": {"precipitant": "hip_surgery", "back_pain": "no"},
        "leg": {
            "ankle_dorsiflexion": "1",
            "hip_abduction": "5",
            "knee_flexion": "4",
            "ankle_plantarflexion": "4-",
            "ankle_reflex": "absent",
            "sole": "reduced",
        },
    },
    "common_fibular": {
        "once": {"precipitant": "leg_crossing", "painless": "yes"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "ankle_eversion": "3",
            "ankle_inversion": "5",
            "hip_abduction": "5",
            "dorsum_foot": "reduced",
        },
    },
    "deep_fibular": {
        "once": {"precipitant": "fibular_fracture"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "great_toe_extension": "1",
            "ankle_eversion": "5",
            "ankle_inversion": "5",
            "first_web_space": "absent",
            "dorsum_foot": "normal",
            "superficial_fibular_snap": "normal",
            "emg_fibularis_longus": "normal",
        },
    },
    "superficial_fibular": {
        "once": {"onset": "years"},
        "leg": {
            "ankle_dorsiflexion": "5",
            "ankle_eversion": "3",
            "dorsum_foot": "absent",
            "heel_walk": "able",
        },
    },
    "polyneuropathy": {
        "once": {"side": "bilateral", "stocking": "yes", "onset": "years", "diabetes": "yes"},
        "leg": {"ankle_dorsiflexion": "3", "ankle_reflex": "absent", "sole": "absent"},
    },
    "neuromuscular_junction": {
        "once": {"side": "bilateral", "face_or_speech": "yes", "arm_symptoms": "yes", "onset": "weeks"},
        "leg": {
            "ankle_dorsiflexion": "4",
            "hip_flexion": "4",
            "dorsum_foot": "normal",
            "ankle_reflex": "normal",
            "emg_tibialis_anterior": "normal",
            "atrophy": "no",
            "plantar_response": "flexor",
        },
    },
    "muscle": {
        "once": {"onset": "sudden", "back_pain": "no"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "great_toe_extension": "5",
            "toe_extension": "5",
            "ankle_eversion": "5",
            "dorsum_foot": "normal",
            "first_web_space": "normal",
        },
    },
    "functional": {
        "once": {"onset": "sudden"},
        "leg": {
            "ankle_dorsiflexion": "2",
            "hoover_sign": "positive",
            "hip_abductor_sign": "positive",
            "ankle_reflex": "normal",
            "emg_tibialis_anterior": "normal",
        },
    },
    "none": {
        "once": {"gait_pattern": "normal"},
        "leg": {
            "ankle_dorsiflexion": "5",
            "heel_walk": "able",
            "great_toe_extension": "5",
            "ankle_eversion": "5",
        },
    },
}


def test_the_knowledge_has_no_problem() -> None:
    assert problems() == []


def test_the_sites_are_those_of_the_vocabulary_in_order() -> None:
    assert [(site.id, site.group) for site in SITES.values()] == VOCABULARY


@pytest.mark.parametrize("site", TYPICAL)
def test_every_site_can_be_the_answer(site: str) -> None:
    exam = TYPICAL[site]
    other = exam["leg"] if exam["once"].get("side") == "bilateral" or site == "none" else {}
    chances = posterior(
        Findings.build(unsided=exam["once"], left=exam["leg"], right=other), "physiotherapy_clinic"
    )
    assert max(chances, key=lambda name: chances[name]) == site, sorted(
        ((round(chance, 3), name) for name, chance in chances.items()), reverse=True
    )[:4]


def without_basis(value: object, shared: set[str], marked: bool) -> Iterator[object]:
    if isinstance(value, dict):
        marked = marked or "basis" in value
        for name, item in value.items():
            yield from without_basis(item, shared, marked or name in shared)
    elif isinstance(value, list):
        for item in value:
            yield from without_basis(item, shared, marked)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and not marked:
        yield value


@pytest.mark.parametrize("file", names())
def test_every_number_says_whether_it_is_published_or_judged(file: str) -> None:
    table = read(file)
    assert list(without_basis(table, set(table.get("shared_basis", ())), marked=False)) == []


def sentences() -> Iterator[str]:
    """Every sentence's place in wording.toml; the entries of its lists of choices are read as a whole."""
    wording = read("wording")
    for section in ("phrases", "answer", "cited", "side_words", "drawing", "band_note", "letter"):
        for name, entry in wording[section].items():
            inner = isinstance(entry, dict) and section == "phrases"
            yield from (f"{section}.{name}.{key}" for key in entry) if inner else (f"{section}.{name}",)


def test_every_sentence_is_printed_somewhere_or_kept_for_something() -> None:
    """A sentence is used where code or a template holds its name as a whole word."""
    files = [path for folder in ("localization", "exams", "templates") for path in (ROOT / folder).rglob("*")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if path.suffix in {".py", ".html"})
    words = set(re.findall(r"\w+", text))
    kept = read("wording")["kept_for"]
    unused = {place for place in sentences() if place.rpartition(".")[2] not in words}
    unused |= {place for place in sentences() if place.startswith("letter.")}
    excused = {place for place in unused if place in kept or place.partition(".")[0] in kept}
    assert unused - excused == set(), "print them, take them out, or say in kept_for what they are for"
    assert all(any(place.startswith(name) for place in excused) for name in kept), "kept_for names one in use"


def test_bands_fall_and_carry_a_definition() -> None:
    minimums = [band.minimum for band in BANDS]
    assert minimums == sorted(minimums, reverse=True)
    assert all(band.definition and 0 <= band.blocks <= 4 for band in BANDS)


def test_an_answer_names_its_knowledge() -> None:
    first, second = localize(Findings.build()), localize(Findings.build())
    assert first.knowledge == second.knowledge
    assert len(first.knowledge.digest) == 16


def test_the_reference_page_is_fresh() -> None:
    stored = (ROOT / "docs" / "reference" / "findings.md").read_text(encoding="utf-8")
    assert stored == page(), "run: python -m localization reference > docs/reference/findings.md"


def test_every_source_has_its_citation() -> None:
    assert all(source.citation for source in SOURCES.values())
    assert {"jeon2013", "yap2016"} <= set(SOURCES)
    assert "does not diagnose" in PHRASES["intended_use"]
