"""A small release in the form of BioDSBench, in words of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATIENTS = "PATIENT_ID,AGE,OS_MONTHS,ARM\nP1,60,10,A\nP2,70,20,B\nP3,50,30,A\nP4,,40,B\n"
READ = 'import pandas as pd\ndf = pd.read_csv("/workdir/data_clinical_patient.csv")\n'


def row(number: int, **changed: object) -> dict[str, Any]:
    """Give a record; by default the mean age, which is 60."""
    return {
        "study_ids": "1",
        "unique_question_ids": f"1_{number}",
        "study_title": "A study",
        "queries": "What is the mean age? Save it as `mean_age`.",
        "cot_instructions": "Take the mean.",
        "code_histories": None,
        "reference_answer": f"{READ}mean_age = df['AGE'].mean()",
        "test_cases": "assert abs(mean_age - 60.0) < 1e-6",
        "tables": '["/workdir/data_clinical_patient.csv"]',
        **changed,
    }


def write_release(folder: Path, rows: list[dict[str, Any] | str]) -> Path:
    """Write a release with one study, and give its folder."""
    study = folder / "csv" / "1"
    study.mkdir(parents=True)
    (study / "data_clinical_patient.csv").write_text(PATIENTS)
    lines = [one if isinstance(one, str) else json.dumps(one) for one in rows]
    (folder / "python_tasks_with_class.jsonl").write_text("\n".join(lines) + "\n")
    return folder
