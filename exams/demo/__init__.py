"""The demonstration: invented clinics, people and patients as data, and how they are loaded."""
