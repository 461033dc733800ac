"""How units, routes and vital signs of the tables are called in UCUM and in words."""

from __future__ import annotations

UNITS = {
    "meq/l": "meq/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "k/ul": "10*3/uL", "m/ul": "10*6/uL",
    "fl": "fL", "sec": "s", "ratio": "{ratio}", "ng/ml": "ng/mL", "iu/l": "[IU]/L",
    "umol/l": "umol/L", "pg/ml": "pg/mL", "uiu/ml": "u[IU]/mL", "ng/dl": "ng/dL",
    "ug/dl": "ug/dL", "units": "{unit}", "mm hg": "mm[Hg]", "mmol/l": "mmol/L",
    "cm h2o": "cm[H2O]", "ml": "mL", "#/hpf": "/[HPF]", "mosm/kg": "mosm/kg", "ug/ml": "ug/mL",
    "mg/l": "mg/L", "mm/hr": "mm/h", "unit": "[iU]", "gm": "g", "meq": "meq", "mcg": "ug",
    "tab": "{tbl}", "cap": "{capsule}", "puff": "{puff}", "pkt": "{packet}", "drop": "[drp]",
    "neb": "{nebule}", "inh": "{inhalation}", "ptch": "{patch}", "appl": "{application}",
}  # fmt: skip
"""UCUM code of each unit that is written otherwise; the rest are UCUM already."""
EQUIVALENTS, MOLES = "meq/l", "mmol/L"  # the same number of ions with one charge


def code(unit: str) -> str:
    """The UCUM code of a unit of the tables."""
    return UNITS.get(unit, unit)


def laboratory(unit: str) -> str:
    """The UCUM code of a test's unit: moles where LOINC counts moles, as it does all electrolytes.

    Only ions with one charge, and what is counted in them, are measured in equivalents here.
    """
    return MOLES if unit == EQUIVALENTS else code(unit)


ROUTES = {
    "po": "oral", "iv": "intravenous", "sc": "subcutaneous", "im": "intramuscular",
    "pr": "rectal", "ng": "nasogastric", "ih": "inhalation", "td": "transdermal", "tp": "topical",
    "sl": "sublingual", "ou": "ophthalmic", "or": "oromucosal", "id": "intradermal",
}  # fmt: skip
"""What each route is called."""
SIGNS = {
    "temperature": "Body temperature",
    "saturation": "Oxygen saturation in Arterial blood by Pulse oximetry",
    "heart rate": "Heart rate",
    "respiratory rate": "Respiratory rate",
    "systolic": "Systolic blood pressure",
    "diastolic": "Diastolic blood pressure",
    "mean": "Mean blood pressure",
}
"""LOINC's name of each vital sign."""
