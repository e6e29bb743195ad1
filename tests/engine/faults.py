"""The faults planted in the knowledge one at a time, each with the words that name it."""

from __future__ import annotations

from localization.knowledge import read

TAKEN_OUT = object()

# A hold of a red flag as it should be.
HOLD = {
    "when": "days_since_onset >= 15",
    "instead": "",
    "basis": "judged",
    "reason": "r",
    "source": ["nice_ng127"],
}

EVERSION = ("finding", "ankle_eversion", "guard")

FORM: list[tuple[str, tuple[str, ...], object, str]] = [
    # sources and basis
    (
        "likelihoods",
        ("likelihood", "slr", "source"),
        ["nobody2001"],
        "source “nobody2001” is not in sources.toml",
    ),
    (
        "sources",
        ("source", "nobody2001"),
        {"citation": "c", "url": ""},
        "sources.nobody2001: nothing cites it",
    ),
    ("sources", ("source", "jeon2013", "kept_for"), "later", "sources.jeon2013: cited by now"),
    (
        "instrument",
        ("grades", "basis"),
        "guessed",
        "instrument.grades: basis “guessed” is not known. Allowed: pub",
    ),
    ("instrument", ("grades", "reason"), TAKEN_OUT, "instrument.grades: judged without a reason"),
    ("instrument", ("grades", "source"), TAKEN_OUT, "instrument.grades: no source"),
    ("anatomy", ("supply", "usual", "k"), TAKEN_OUT, "anatomy.supply.usual: published without counts"),
    ("anatomy", ("supply", "usual", "k"), 2000, "anatomy.supply.usual: published without counts"),
    ("redflags", ("weights",), {"fever": 0.4}, "redflags.weights.fever: a number without basis"),
    (
        "findings",
        ("shared_basis", "minutes"),
        TAKEN_OUT,
        "findings.finding.hip_abduction.minutes: a number without",
    ),
    (
        "findings",
        ("shared_basis", "hours"),
        {"basis": "judged", "reason": "r", "source": ["jeon2013"]},
        "no number",
    ),
    # findings, scales, sites
    ("findings", ("finding", "slr", "group"), "feelings", "findings.slr: group “feelings” is unknown"),
    ("findings", ("finding", "slr", "position"), "upside_down", "findings.slr: position"),
    ("findings", ("finding", "slr", "how"), [], "findings.slr: minutes, steps and a source are needed"),
    ("findings", (*EVERSION, "question"), "Was the foot held.", "ankle_eversion.guard: one question of"),
    ("findings", (*EVERSION, "question"), "Was it " * 11 + "held?", "ankle_eversion.guard: one question"),
    ("findings", (*EVERSION, "falsifies"), "weak", "guard: “weak” cannot be faked. Allowed: abnormal, nor"),
    ("findings", (*EVERSION, "falsifies"), ["5", "6"], "guard: “['5', '6']” cannot be faked. Allowed: a"),
    ("findings", (*EVERSION, "falsifies"), ["2-"], "eversion.guard: no value that screens offer leads"),
    ("findings", (*EVERSION, "sources"), ["uwa_mmt"], "guard: question and falsifies are needed, and not"),
    ("findings", (*EVERSION[:2], "trap"), TAKEN_OUT, "guard: the trap that it asks about is not describ"),
    ("sites", ("site", "sciatic", "group"), "nerves", "sites.sciatic: group “nerves” is unknown"),
    ("sites", ("site", "sciatic", "details"), {"both": "b"}, "detail “fibular_division” has no words"),
    ("wording", ("band", "good", "minimum"), 0.9, "wording.band: minimums must fall"),
    ("findings", ("finding", "slr", "tells_apart"), TAKEN_OUT, "findings.finding.slr: tells_apart missing"),
    (
        "sources",
        ("source", "jeon2013", "link"),
        "x",
        "sources.source.jeon2013: nothing reads link. Allowed: cit",
    ),
    (
        "edx",
        ("edx", "sciatic__root_L5"),
        read("edx")["edx"]["root_L5__common_fibular"],
        "edx.sciatic__root_L5: two",
    ),
    (
        "redflags",
        ("urgency", "whenever"),
        {"label": "w", "definition": "d"},
        "redflags.urgency.whenever: nothing",
    ),
    ("scales", ("scale", "seconds", "maximum"), TAKEN_OUT, "scales.seconds: unit and both limits are needed"),
    ("anatomy", ("needle", "emg_nose"), "tibialis_anterior", "anatomy: “emg_nose” is not a finding"),
    ("anatomy", ("segment", "brain-cord", "feeds"), ["nose"], "anatomy.segment.brain-cord: unknown muscle"),
    # rules
    ("redflags", ("red_flag", "infection", "urgency"), "whenever", "redflags.infection: urgency “whenever”"),
    ("redflags", ("red_flag", "infection", "any_of"), ["feverish = yes"], "feverish"),
    ("redflags", ("red_flag", "infection", "any_of"), ["saddle = missing"], "saddle"),
    (
        "redflags",
        ("red_flag", "infection", "any_of"),
        ["onset = days and onset = weeks"],
        "“onset = days and onset = weeks” cannot fire",
    ),
    ("redflags", ("red_flag", "infection", "any_of"), ["age <= 0 and age >= 3"], "cannot fire"),
    (
        "redflags",
        ("red_flag", "infection", "unless"),
        [HOLD | {"when": "fever_or_infection_risk = yes"}],
        "cannot fire: no findings fulfil it, or it is always held",
    ),
    ("redflags", ("red_flag", "infection", "unless"), [HOLD | {"when": "back_pain = maybe"}], "back_pain"),
    (
        "redflags",
        ("red_flag", "stroke_tia", "unless"),
        [HOLD | {"when": "onset = years"}],
        "redflags.stroke_tia.unless[0]: “onset = years” holds nothing",
    ),
    (
        "redflags",
        ("red_flag", "stroke_tia", "unless"),
        [HOLD, HOLD],
        "redflags.stroke_tia.unless[1]: “days_since_onset >= 15” holds nothing",
    ),
    (
        "redflags",
        ("red_flag", "slow_progressive", "unless"),
        [HOLD | {"instead": "emergency"}],
        "redflags.slow_progressive.unless[0]: instead “emergency” is not less urgent",
    ),
    (
        "redflags",
        ("red_flag", "stroke_tia", "unless"),
        [{name: value for name, value in HOLD.items() if name != "reason"}],
        "redflags.red_flag.stroke_tia.unless[0]: reason missing",
    ),
    (
        "redflags",
        ("red_flag", "stroke_tia", "unless"),
        [HOLD | {"unless": "asked"}],
        "redflags.red_flag.stroke_tia.unless[0]: nothing reads unless",
    ),
    (
        "redflags",
        ("tripwire", "line"),
        [{"when": "onset = days and onset = weeks", "note": ""}],
        "redflags.tripwire: “onset = days and onset = weeks” cannot fire",
    ),
    (
        "redflags",
        ("tripwire", "line"),
        [{"when": "shoe_size = 9", "note": ""}],
        "redflags.tripwire: “shoe_size”",
    ),
    (
        "wording",
        ("notice", "stiff_ankle", "unless_leading"),
        ["elbow"],
        "wording.notice.stiff_ankle: unknown site elbow",
    ),
    (
        "wording",
        ("notice", "stiff_ankle", "any_of"),
        ["age <= 10 and age >= 20"],
        "wording.notice.stiff_ankle: “age <= 10 and age >= 20” cannot hold",
    ),
    # anatomy and patterns
    (
        "anatomy",
        ("muscle", "tibialis_anterior", "roots", "L5"),
        0.9,
        "anatomy.muscle.tibialis_anterior.roots: the sh",
    ),
    ("anatomy", ("muscle", "tibialis_anterior", "roots"), {"L9": 1.0}, "tibialis_anterior: unknown root"),
    (
        "anatomy",
        ("action", "hip_flexion", "muscles"),
        {"biceps_brachii": 1.0},
        "anatomy.action.hip_flexion: unknown",
    ),
    ("anatomy", ("supply", "usual", "probability"), 0.5, "anatomy.supply: the shares sum to"),
    (
        "patterns",
        ("pattern", "sciatic.both", "lesion"),
        {"ulnar": 1.0},
        "patterns.sciatic.both.lesion: unknown ulnar",
    ),
    ("patterns", ("pattern", "sciatic.both", "gait"), "tango", "patterns.sciatic.both: unknown gait"),
    (
        "patterns",
        ("pattern", "sciatic.both", "sensory"),
        1.2,
        "patterns.sciatic.both.sensory: 1.2 is no share",
    ),
    (
        "patterns",
        ("pattern", "sciatic.both", "lesoin"),
        {},
        "patterns.pattern.sciatic.both: nothing reads lesoin. Allowed: act",
    ),
    ("patterns", ("pattern", "sciatic.both", "weight"), 0.9, "patterns of sciatic: the shares sum to"),
    (
        "patterns",
        ("pattern", "sciatic.both", "contra"),
        [0.5, 0.1, 0.1],
        "patterns.sciatic.both.contra: the shares sum",
    ),
    # figures
    ("priors", ("prior", "spine_clinic", "sites", "brain"), 0.5, "priors.spine_clinic: the shares sum to"),
    ("likelihoods", ("likelihood", "slr", "sites", "elbow"), 0.5, "likelihoods.slr: unknown site"),
    ("likelihoods", ("likelihood", "slr", "sites", "sciatic"), 0.0, "likelihoods.slr: every share must lie"),
    ("likelihoods", ("likelihood", "slr", "value"), "maybe", "likelihoods.slr: unknown finding or value"),
    (
        "likelihoods",
        ("choice", "onset", "sites", "default"),
        [1.0],
        "likelihoods.onset.default: one share above 0",
    ),
    ("instrument", ("atypical", "probability"), 1.4, "instrument.atypical.probability: 1.4 is no share"),
    ("instrument", ("grades", "spread"), -0.5, "instrument.grades.spread: -0.5 is not above 0"),
    ("instrument", ("grades", "steps"), [0.5, 2.5, 1.5, 3.5, 4.5], "instrument.grades.steps: 5 rising steps"),
    ("instrument", ("upper", "brain", "extensor"), 0.95, "instrument.upper.brain: extensor and equivocal"),
    ("instrument", ("blends", "4-"), TAKEN_OUT, "instrument.blends: 4- must stand here"),
    ("instrument", ("blends", "4-"), {"4": 0.5, "3": 0.3}, "instrument.blends.4-: the shares sum to 0.8"),
    ("instrument", ("blends", "4-"), {"6": 1.0}, "instrument.blends.4-: unknown 6. Allowed: 0, 1"),
    ("instrument", ("gain", "hip_flexion"), TAKEN_OUT, "instrument.gain: without hip_flexion"),
    (
        "instrument",
        ("reflex", "jaw_jerk"),
        {"sound": 0.1, "basis": "judged", "reason": "r", "source": ["ziff"]},
        "jaw",
    ),
    (
        "instrument",
        ("placing", "shows_drop"),
        ["limp"],
        "instrument.placing.shows_drop: unknown limp. Allowed: ",
    ),
    ("instrument", ("gait", "hip", "normal"), 0.9, "instrument.gait.hip: the shares sum to"),
    (
        "instrument",
        ("timing", "first_day", "sural_snap"),
        3,
        "instrument.timing.first_day.sural_snap: day 3, but edx",
    ),
    (
        "edx",
        ("edx", "sciatic__common_fibular", "from_day", "needle"),
        9,
        "edx.sciatic__common_fibular.from_day.needle",
    ),
]
