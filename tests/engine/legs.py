"""Two examined legs, one of the fibular nerve and one of the L5 root, and the setting of both."""

from __future__ import annotations

from localization import Value

SETTING = "physiotherapy_clinic"

FIBULAR: dict[str, Value] = {
    "ankle_dorsiflexion": "2",
    "ankle_eversion": "3",
    "ankle_inversion": "5",
    "hip_abduction": "5",
    "dorsum_foot": "reduced",
    "fibular_conduction_block_at_neck": "yes",
}

ROOT: dict[str, Value] = {
    "ankle_dorsiflexion": "3",
    "great_toe_extension": "2",
    "hip_abduction": "3",
    "ankle_inversion": "3",
    "ankle_eversion": "4",
    "ankle_plantarflexion": "5",
    "knee_extension": "5",
    "medial_hamstring_reflex": "absent",
    "slr": "positive",
    "fibular_conduction_block_at_neck": "no",
}
