"""An invented release of eICU, small enough to write out."""

from __future__ import annotations

from pathlib import Path

from tests.ehr.small_release import Tables, write

DOMAIN = Path(__file__).parents[2] / "domains" / "eicu"


def eicu(patients: int = 6) -> Tables:
    """Give patients 900-1.. with a hospital stay of four days, in two units, and events in each."""
    tables: Tables = {
        "patient": [
            [
                *("patientunitstayid", "patienthealthsystemstayid", "gender", "age", "ethnicity"),
                *("hospitalid", "wardid", "admissionheight", "hospitaladmitoffset"),
                *("hospitaladmitsource", "hospitaldischargeyear", "hospitaldischargetime24"),
                *("hospitaldischargeoffset", "hospitaldischargestatus", "admissionweight"),
                *("dischargeweight", "unitdischargeoffset", "uniquepid"),
            ]
        ],
        "diagnosis": [
            ["diagnosisid", "patientunitstayid", "diagnosisoffset", "diagnosisstring", "icd9code"]
        ],
        "treatment": [["treatmentid", "patientunitstayid", "treatmentoffset", "treatmentstring"]],
        "lab": [["labid", "patientunitstayid", "labresultoffset", "labname", "labresult"]],
        "medication": [
            [
                *("medicationid", "patientunitstayid", "drugstartoffset", "drugstopoffset"),
                *("drugordercancelled", "drugname", "dosage", "routeadmin"),
            ]
        ],
        "allergy": [["allergyid", "patientunitstayid", "allergyoffset", "drugname", "allergyname"]],
        "intakeOutput": [
            [
                *("intakeoutputid", "patientunitstayid", "intakeoutputoffset", "cellpath"),
                *("celllabel", "cellvaluenumeric"),
            ]
        ],
        "microLab": [
            [
                *("microlabid", "patientunitstayid", "culturetakenoffset", "culturesite"),
                *("organism", "antibiotic"),
            ]
        ],
        "vitalPeriodic": [
            [
                *("vitalperiodicid", "patientunitstayid", "observationoffset", "temperature"),
                *("sao2", "heartrate", "respiration", "systemicsystolic", "systemicdiastolic"),
                "systemicmean",
            ]
        ],
    }
    for n in range(patients):
        for place in range(2):
            _stay(tables, n, place)
    return tables


def _stay(tables: Tables, n: int, place: int) -> None:
    unit, before = 7000 + 2 * n + place, 60 + 1500 * place
    tables["patient"].append(
        [
            *(unit, 800 + n, ("Male", "Female")[n % 2], ("> 89", 40 + n)[n > 0], "Caucasian"),
            *(61, 90 + place, 170.5, -before, "Emergency Department", 2014, "10:30:00"),
            *(5760 - before, "Alive", 80.5, 81.0, 1200, f"900-{n}"),
        ]
    )
    tables["diagnosis"] += [
        [1, unit, 30, "renal|electrolytes|hypokalemia|< 2.8 meq/dl", "276.8, E87.6"],
        [2, unit, 90, "cardiovascular|shock / hypotension|hypotension", ""],
    ]
    tables["treatment"].append(
        [1, unit, 45, "pulmonary|ventilation and oxygenation|mechanical ventilation"]
    )
    tables["lab"] += [[1, unit, 10, "Potassium", 2.5 + n], [2, unit, 700, "Potassium", 3.5]]
    tables["medication"] += [
        [1, unit, 20, 620, "No", "POTASSIUM CHLORIDE", "20 MEQ", "IV"],
        [2, unit, 25, 625, "Yes", "CANCELLED", "1", "PO"],
    ]
    tables["allergy"].append([1, unit, 15, "", "Penicillins"])
    top = "flowsheet|Flowsheet Cell Labels|I&O"
    tables["intakeOutput"] += [
        [1, unit, 60, f"{top}|Intake (ml)|Nutrition (ml)|Oral Intake", "Oral Intake", 200],
        [2, unit, 61, f"{top}|Weight|Bodyweight (kg)", "Bodyweight (kg)", 80.5],
    ]
    tables["microLab"] += [
        [k, unit, 120, "Blood, Venipuncture", "Escherichia coli", drug]
        for k, drug in enumerate(("ampicillin", "cefepime"))
    ]
    tables["vitalPeriodic"].append([1, unit, 5, "", 97, 88, 16, "", "", 75])


def write_eicu(folder: Path, tables: Tables) -> Path:
    """Write tables as CSV; give their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder, tables)
