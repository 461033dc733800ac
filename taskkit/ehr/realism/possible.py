"""What cannot be: a condition of the other sex, or of an age that does not have it.

The ages are far below the youngest that textbooks name as usual: what lies under them is an error
of the source and not a rare patient.
"""

from __future__ import annotations

from taskkit.ehr.realism.records import StayRecord

WOMEN = ("174", "179", "180", "182", "183", "630", "64", "65", "v22", "v27", "c50", "c56", "o80")
MEN = ("185", "186", "187", "600", "601", "c61", "c62", "n40")
YOUNGEST = {
    ("331", "g30", "2941", "f02"): 40,  # Alzheimer's disease and other dementia
    ("185", "c61"): 35,  # cancer of the prostate
    ("174", "c50"): 20,  # of the breast
    ("600", "n40"): 35,  # enlarged prostate
    ("4140", "i251"): 25,  # coronary atherosclerosis
    ("332", "g20"): 35,  # Parkinson's disease
    ("412", "i252"): 25,  # old infarction
    ("7330", "m81"): 30,  # osteoporosis
    ("5712", "k7030"): 20,  # alcoholic cirrhosis
    ("162", "c34"): 25,  # cancer of the lung
    ("303", "305", "f10"): 12,  # alcohol
    ("42731", "i48"): 18,  # atrial fibrillation
}
"""Prefixes of codes, and years."""
OBSTRUCTED = "3314"  # hydrocephalus: begins as the codes of dementia do


def impossible(stay: StayRecord) -> bool:
    """Whether a stay has a condition that its patient cannot have."""
    other = MEN if stay.sex.startswith("f") else WOMEN
    if any(code.startswith(other) for code in stay.codes):
        return True
    codes = [code for code in stay.codes if not code.startswith(OBSTRUCTED)]
    return any(
        stay.age < youngest and code.startswith(prefixes)
        for prefixes, youngest in YOUNGEST.items()
        for code in codes
    )
