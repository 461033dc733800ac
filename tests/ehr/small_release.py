"""Invented releases of MIMIC, small enough to write out: what the tests of the readers read."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

DOMAINS = Path(__file__).parents[2] / "domains"
Tables = dict[str, list[list[object]]]
"""The rows of each table by its name, the header first."""


def mimic_iii(patients: int = 6) -> Tables:
    """Give patients 9001.. with one stay of three to eight days each, and events in all tables."""
    tables: Tables = {
        "patients": [["row_id", "subject_id", "gender", "dob", "dod"]],
        "admissions": [
            [
                *("row_id", "subject_id", "hadm_id", "admittime", "dischtime", "admission_type"),
                *("admission_location", "discharge_location", "insurance", "language"),
                *("marital_status", "ethnicity"),
            ]
        ],
        "icustays": [
            [
                *("subject_id", "hadm_id", "icustay_id", "first_careunit", "last_careunit"),
                *("first_wardid", "last_wardid", "intime", "outtime"),
            ]
        ],
        "transfers": [
            [
                *("subject_id", "hadm_id", "icustay_id", "eventtype", "curr_careunit"),
                *("curr_wardid", "intime", "outtime"),
            ]
        ],
        "d_icd_diagnoses": [
            ["icd9_code", "short_title", "long_title"],
            ["0010", "Cholera", "Cholera, said in full"],
            ["4019", "Hypertension NOS", "Unspecified hypertension"],
        ],
        "d_icd_procedures": [
            ["icd9_code", "short_title", "long_title"],
            ["0016", "Pressurize graft", "Pressurized treatment of graft"],
        ],
        "d_labitems": [["itemid", "label"], [50912, "Creatinine"], [50971, "Potassium"]],
        "d_items": [
            ["itemid", "label", "linksto"],
            [211, "Heart Rate", "chartevents"],
            [30056, "Po Intake", "inputevents_cv"],
            [40055, "Urine Out Foley", "outputevents"],
            [1, "Elsewhere", "datetimeevents"],
        ],
        "diagnoses_icd": [["subject_id", "hadm_id", "icd9_code"]],
        "procedures_icd": [["subject_id", "hadm_id", "icd9_code"]],
        "labevents": [["subject_id", "hadm_id", "itemid", "charttime", "valuenum", "valueuom"]],
        "prescriptions": [
            [
                *("subject_id", "hadm_id", "startdate", "enddate", "drug", "dose_val_rx"),
                *("dose_unit_rx", "route"),
            ]
        ],
        "chartevents": [
            [
                *("subject_id", "hadm_id", "icustay_id", "itemid", "charttime", "valuenum"),
                *("valueuom",),
            ]
        ],
        "inputevents_cv": [
            [
                *("subject_id", "hadm_id", "icustay_id", "charttime", "itemid", "amount"),
                *("amountuom",),
            ]
        ],
        "outputevents": [
            [
                *("subject_id", "hadm_id", "icustay_id", "charttime", "itemid", "value"),
                *("valueuom",),
            ]
        ],
        "microbiologyevents": [
            ["subject_id", "hadm_id", "chartdate", "charttime", "spec_type_desc", "org_name"]
        ],
    }
    for number in range(1, patients + 1):
        for table, rows in _patient(number).items():
            tables[table].extend(rows)
    return tables


def _patient(number: int) -> Tables:
    subject, hadm, icu = 9000 + number, 8000 + number, 7000 + number
    year = 2130 + number
    start, end = f"{year}-03-01 08:00:00", f"{year}-03-{3 + number % 6:02} 17:30:00"
    ids: list[object] = [subject, hadm]
    noon = f"{year}-03-02 12:00:00"
    unit = f"Unit {number}"
    said = ["", "MARRIED", "WHITE"]
    return {
        "patients": [[number, subject, "F", f"{year - 30 - number}-01-01 00:00:00", ""]],
        "admissions": [
            [number, *ids, start, end, "EMERGENCY", " Clinic ", "HOME", "Medicare", *said]
        ],
        "icustays": [[*ids, icu, unit, unit, number, number, f"{start[:10]} 09:00:00", end]],
        "transfers": [
            [*ids, icu, "admit", unit, number, f"{start[:10]} 09:00:00", end],
            [*ids, "", "discharge", "", "", end, ""],
        ],
        "diagnoses_icd": [[*ids, "0010"], [*ids, "4019"], [*ids, "none such"]],
        "procedures_icd": [[*ids, "0016"]],
        "labevents": [
            [*ids, 50912, noon, number / 10, "mg/dL"],
            [*ids, 50971, noon, "4.5", " "],
            [*ids, 50971, noon, "", "mEq/L"],
            [subject, "", 50971, noon, "4.5", "mEq/L"],
        ],
        "prescriptions": [
            [*ids, start[:10], end[:10], "Aspirin", "1,000", "mg", "PO"],
            [*ids, start[:10], end[:10], "Aspirin", "1", "TAB", "PO"] if number == 1 else
            [*ids, start[:10], end[:10], "Aspirin", str(number), "mg", "PR"],
            [*ids, start[:10], end[:10], "Heparin", "1-2", "mL", "IV"],
        ],
        "chartevents": [
            [*ids, icu, 211, noon, 60 + number, "bpm"],
            [*ids, icu, 646, noon, 99, "%"],
        ],
        "inputevents_cv": [
            [*ids, icu, noon, 30056, 100 + number, "ml"],
            [*ids, icu, noon, 30056, 7, "mg"],
        ],
        "outputevents": [[*ids, icu, noon, 40055, 200 + number, "ml"]],
        "microbiologyevents": [
            [*ids, f"{start[:10]} 00:00:00", "", "URINE", ""],
            [*ids, f"{start[:10]} 00:00:00", noon, "BLOOD", "YEAST"],
        ],
    }  # fmt: skip


def mimic_iv(patients: int = 4) -> Tables:
    """Give patients 9001.. with one stay each, and events in all tables."""
    tables: Tables = {
        "hosp/patients": [["subject_id", "gender", "anchor_age", "anchor_year", "dod"]],
        "hosp/admissions": [
            [
                *("subject_id", "hadm_id", "admittime", "dischtime", "admission_type"),
                *("admission_location", "discharge_location", "insurance", "language"),
                *("marital_status",),
            ]
        ],
        "icu/icustays": [
            [
                *("subject_id", "hadm_id", "stay_id", "first_careunit", "last_careunit"),
                *("intime", "outtime"),
            ]
        ],
        "hosp/transfers": [
            [
                *("subject_id", "hadm_id", "transfer_id", "eventtype", "careunit"),
                *("intime", "outtime"),
            ]
        ],
        "hosp/d_icd_diagnoses": [
            ["icd_code", "icd_version", "long_title"],
            ["0010", 9, "Cholera"],
            ["A00", 10, "Cholera"],
            ["V72", 9, "Dental examination"],
        ],
        "hosp/d_icd_procedures": [
            ["icd_code", "icd_version", "long_title"],
            ["0016", 9, "Pressurized treatment of graft"],
            ["8931", 9, "Dental examination"],
        ],
        "hosp/d_labitems": [
            ["itemid", "label"],
            [50912, "Creatinine"],
            [50971, "Potassium"],
            [50983, "Aspirin"],
        ],
        "icu/d_items": [
            ["itemid", "label", "abbreviation", "linksto"],
            [220045, "Heart Rate", "HR", "chartevents"],
            [225158, "NaCl 0.9%", "NaCl", "inputevents"],
            [225975, "Ranitidine", "Ranitidine", "inputevents"],
            [226559, "Foley", "Foley", "outputevents"],
        ],
        "hosp/diagnoses_icd": [["subject_id", "hadm_id", "icd_code", "icd_version"]],
        "hosp/procedures_icd": [["subject_id", "hadm_id", "chartdate", "icd_code", "icd_version"]],
        "hosp/labevents": [
            ["subject_id", "hadm_id", "itemid", "charttime", "valuenum", "valueuom"]
        ],
        "hosp/prescriptions": [
            [
                *("subject_id", "hadm_id", "starttime", "stoptime", "drug", "dose_val_rx"),
                *("dose_unit_rx", "route"),
            ]
        ],
        "icu/chartevents.part": [
            [
                *("subject_id", "hadm_id", "stay_id", "charttime", "itemid", "valuenum"),
                *("valueuom",),
            ]
        ],
        "icu/inputevents": [
            [
                *("subject_id", "hadm_id", "stay_id", "starttime", "itemid", "totalamount"),
                *("totalamountuom",),
            ]
        ],
        "icu/outputevents": [
            [
                *("subject_id", "hadm_id", "stay_id", "charttime", "itemid", "value"),
                *("valueuom",),
            ]
        ],
        "hosp/microbiologyevents": [
            [
                *("subject_id", "hadm_id", "chartdate", "charttime", "spec_type_desc"),
                *("test_name", "org_name"),
            ]
        ],
    }
    for number in range(1, patients + 1):
        for table, rows in _person(number).items():
            tables[table].extend(rows)
    return tables


def _person(number: int) -> Tables:
    ids: list[object] = [9000 + number, 8000 + number]
    icu = 7000 + number
    year = 2150 + number
    start, end = f"{year}-03-01 08:00:00", f"{year}-03-09 17:30:00"
    noon = f"{year}-03-02 12:00:00"
    said = ["ENGLISH", "MARRIED"]
    drugs = ("Ranitidine", "Aspirin", "Potassium", "Insulin")
    return {
        "hosp/patients": [[ids[0], "M", 40 + number, year - 1, ""]],
        "hosp/admissions": [[*ids, start, end, "URGENT", "CLINIC", "HOME", "Other", *said]],
        "icu/icustays": [[*ids, icu, "MICU", "MICU", f"{start[:10]} 09:00:00", end]],
        "hosp/transfers": [[*ids, 6000 + number, "admit", "MICU", start, end]],
        "hosp/diagnoses_icd": [[*ids, "0010", 9], [*ids, "A00", 10], [*ids, "V72", 9]],
        "hosp/procedures_icd": [
            [*ids, f"{year}-03-02", "0016", 9],
            [*ids, f"{year}-03-01", "8931", 9],
        ],
        "hosp/labevents": [
            [*ids, 50912, noon, number / 10, "mg/dL"],
            [*ids, 50971, noon, "4.5", "mEq/L"],
            [*ids, 50912, noon, "1.5", "N/A"],
        ],
        "hosp/prescriptions": [
            [*ids, noon, end, drug, "250", "mg", "PO"] for drug in drugs
        ],
        "icu/chartevents.part": [[*ids, icu, noon, 220045, 60 + number, "bpm"]],
        "icu/inputevents": [
            [*ids, icu, noon, 225158, 100 + number, "ml"],
            [*ids, icu, noon, 225975, 10, "ml"],
        ],
        "icu/outputevents": [[*ids, icu, noon, 226559, 200 + number, "ml"]],
        "hosp/microbiologyevents": [[*ids, f"{start[:10]} 00:00:00", "", "URINE", "CULTURE", ""]],
    }  # fmt: skip


def write(folder: Path, tables: Tables, *, upper: bool = False, gz: bool = True) -> Path:
    """Write tables as CSV files; with ``upper``, names and headers in capitals."""
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        header, *body = rows
        writer = csv.writer(text)
        writer.writerow([str(c).upper() if upper else c for c in header])
        writer.writerows(body)
        *above, stem = name.split("/")
        place = folder.joinpath(*above)
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{stem.upper() if upper else stem}.csv{'.gz' if gz else ''}"
        data = text.getvalue().encode()
        path.write_bytes(gzip.compress(data, mtime=0) if gz else data)
    return folder
