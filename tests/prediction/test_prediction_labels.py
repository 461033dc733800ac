"""Labels of a few patients, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from taskkit.prediction.cohort import SCHEMA, Cohort
from taskkit.prediction.definition import Definition
from taskkit.prediction.labels import labels

EVENTS: list[tuple[int, str | None, str, float | None]] = [
    (1, "1950-01-01 00:00", "MEDS_BIRTH", None),
    (1, "2100-01-01 10:00", "HOSPITAL_ADMISSION", None),
    (1, "2100-01-02 12:00", "ICU_ADMISSION", None),
    (1, "2100-01-08 10:00", "HOSPITAL_DISCHARGE", None),  # seven days to the minute
    (1, "2100-01-20 10:00", "HOSPITAL_ADMISSION", None),
    (2, "1960-01-01 00:00", "MEDS_BIRTH", None),
    (2, "2100-01-01 10:00", "HOSPITAL_ADMISSION", None),
    (2, "2100-01-08 09:59", "HOSPITAL_DISCHARGE", None),  # a minute less
    (2, "2100-02-08 09:00", "HOSPITAL_ADMISSION", None),  # after 31 days
    (3, "1960-01-01 00:00", "MEDS_BIRTH", None),
    (3, "2100-01-01 08:00", "HOSPITAL_ADMISSION", None),
    (3, "2100-01-01 20:00", "HOSPITAL_DISCHARGE", None),  # the same day
    (4, "2090-01-01 00:00", "MEDS_BIRTH", None),  # a child
    (4, "2100-01-01 08:00", "HOSPITAL_ADMISSION", None),
    (4, "2100-01-09 20:00", "HOSPITAL_DISCHARGE", None),
    (5, "1960-01-01 00:00", "MEDS_BIRTH", None),
    (5, "2100-01-01 08:00", "HOSPITAL_ADMISSION", None),  # never discharged
    (5, "2100-01-03 08:00", "MEDS_DEATH", None),
]
ADMISSION = {"code": "HOSPITAL_ADMISSION", "day_end": True}
STAYING = {"unfinished": ["HOSPITAL_DISCHARGE"], "adults": True}


def cohort(events: list[tuple[int, str | None, str, float | None]] | None = None) -> Cohort:
    rows = events or EVENTS
    return Cohort(
        pl.DataFrame(
            {
                "subject_id": [row[0] for row in rows],
                "time": [
                    None if row[1] is None else datetime.fromisoformat(row[1]) for row in rows
                ],
                "code": [row[2] for row in rows],
                "numeric_value": [row[3] for row in rows],
            },
            schema=SCHEMA,
        ).sort("subject_id", "time", nulls_last=False)
    )


def definition(**changes: Any) -> Definition:
    fields: dict[str, Any] = {
        "name": "example",
        "question": "Who?",
        "anchor": ADMISSION,
        "features": "record",
        "program": "linear.py",
    }
    return Definition.model_validate(fields | changes)


def found(made: pl.DataFrame, column: str = "label") -> dict[int, Any]:
    return dict(made.select("subject_id", column).iter_rows())


def test_stay_counts_from_seven_days_to_the_minute() -> None:
    what = definition(
        eligibility=STAYING,
        outcome={"kind": "lasts", "until": "HOSPITAL_DISCHARGE", "least": 168.0},
    )
    made = labels(cohort(), what)
    assert found(made) == {1: 1, 2: 0}  # 3 has left, 4 is a child, 5's end is not known
    assert made["prediction_time"].to_list() == [datetime(2100, 1, 1, 23, 59)] * 2


def test_readmission_counts_from_discharge() -> None:
    what = definition(
        eligibility=STAYING,
        outcome={
            "kind": "occurs",
            "codes": ["HOSPITAL_ADMISSION"],
            "since": "HOSPITAL_DISCHARGE",
            "horizon": 720.0,
        },
    )
    assert found(labels(cohort(), what)) == {1: 1, 2: 0}


def test_event_after_the_end_does_not_count() -> None:
    what = definition(
        outcome={"kind": "occurs", "codes": ["ICU_ADMISSION"], "until": "HOSPITAL_DISCHARGE"}
    )
    late = (2, "2100-01-09 00:00", "ICU_ADMISSION", None)
    assert found(labels(cohort([*EVENTS, late]), what))[1] == 1
    assert found(labels(cohort([*EVENTS, late]), what))[2] == 0


def test_gap_does_not_count() -> None:
    wide = {"kind": "occurs", "codes": ["ICU_ADMISSION"], "horizon": 48.0}
    assert found(labels(cohort(), definition(outcome=wide)))[1] == 1
    assert found(labels(cohort(), definition(outcome=wide | {"gap": 24.0})))[1] == 0


def test_earlier_diagnosis_and_unfinished_margin_exclude() -> None:
    occurs = {"kind": "occurs", "codes": ["MEDS_DEATH"], "horizon": 48.0}
    margin = {"unfinished": ["ICU_ADMISSION"], "margin": 13.0}
    absent = {"absent": ["MEDS_BIRTH"]}
    assert found(labels(cohort(), definition(outcome=occurs))) == {1: 0, 2: 0, 3: 0, 4: 0, 5: 1}
    assert 1 not in found(labels(cohort(), definition(outcome=occurs, eligibility=margin)))
    assert found(labels(cohort(), definition(outcome=occurs, eligibility=absent))) == {}


LABS: list[tuple[int, str | None, str, float | None]] = [
    (1, "2100-01-01 08:00", "K", 4.0),
    (1, "2100-01-02 08:00", "K", 5.5),
    (2, "2100-01-02 08:00", "K", 5.6),
    (3, "2100-01-02 08:00", "K", 6.0),
    (4, "2100-01-02 08:00", "K", 7.5),
    (5, "2100-01-02 08:00", "K", None),
]


def test_next_value_falls_in_the_class_of_its_bound() -> None:
    what = definition(
        anchor={"code": "K", "which": "last", "offset": -0.0167},
        outcome={
            "kind": "level",
            "codes": ["K"],
            "horizon": 1.0,
            "cuts": [5.5, 6.0, 7.0],
            "names": ["normal", "mild", "moderate", "severe"],
        },
    )
    assert found(labels(cohort(LABS), what)) == {1: "normal", 2: "mild", 3: "mild", 4: "severe"}


def test_falling_bounds_name_the_higher_class() -> None:
    what = definition(
        anchor={"code": "K", "which": "last", "offset": -0.0167},
        outcome={
            "kind": "level",
            "codes": ["K"],
            "horizon": 1.0,
            "cuts": [6.0, 5.5],
            "names": ["high", "middle", "low"],
        },
    )
    assert found(labels(cohort(LABS), what)) == {1: "middle", 2: "middle", 3: "high", 4: "high"}


def test_treatment_is_on_off_or_changes_in_the_window() -> None:
    begin = "2100-01-01 00:00"
    rows: list[tuple[int, str | None, str, float | None]] = [
        (subject, begin, "ICU_ADMISSION", None) for subject in (1, 2, 3, 4)
    ]
    rows += [
        (1, "2100-01-01 19:00", "V//start", None),
        (3, "2100-01-01 10:00", "V//start", None),
        (4, "2100-01-01 10:00", "V//start", None),
        (4, "2100-01-01 20:00", "V//end", None),
    ]
    what = definition(
        anchor={"code": "ICU_ADMISSION", "offset": 12.0},
        outcome={"kind": "status", "start": "V//start", "end": "V//end", "gap": 6.0, "width": 4.0},
    )
    expected = {1: "onset", 2: "control", 3: "on", 4: "wean"}
    assert found(labels(cohort(rows), what)) == expected


def test_survival_ends_with_death_discharge_or_the_horizon() -> None:
    rows: list[tuple[int, str | None, str, float | None]] = [
        (1, "2100-01-01 00:00", "A", None),
        (1, "2100-01-02 00:00", "MEDS_DEATH", None),
        (2, "2100-01-01 00:00", "A", None),
        (2, "2100-01-01 12:00", "OUT", None),
        (2, "2100-01-01 18:00", "MEDS_DEATH", None),
        (3, "2100-01-01 00:00", "A", None),
    ]
    what = definition(
        anchor={"code": "A"},
        metric="concordance",
        outcome={"kind": "survival", "codes": ["MEDS_DEATH"], "censor": "OUT", "horizon": 240.0},
    )
    made = labels(cohort(rows), what)
    assert found(made, "time") == {1: 24.0, 2: 12.0, 3: 240.0}
    assert found(made, "event") == {1: 1, 2: 0, 3: 0}


def test_what_the_record_ends_before_is_not_known() -> None:
    rows: list[tuple[int, str | None, str, float | None]] = [
        (1, "2100-01-01 00:00", "A", None),
        (1, "2100-01-02 00:00", "OUT", None),
        (2, "2100-01-01 00:00", "A", None),  # not discharged yet
        (3, "2100-01-02 20:00", "A", None),  # the window is still open
        (3, "2100-01-02 22:00", "V//start", None),
        (4, "2100-01-03 06:00", "A", None),  # the prediction is yet to come
    ]
    held = replace(cohort(rows), end=datetime(2100, 1, 3, 7, 0))
    until = definition(
        anchor={"code": "A", "offset": 2.0},
        outcome={"kind": "occurs", "codes": ["DEATH"], "until": "OUT"},
    )
    assert found(labels(held, until)) == {1: 0}
    horizon = definition(
        anchor={"code": "A"}, outcome={"kind": "occurs", "codes": ["DEATH"], "horizon": 10.0}
    )
    assert found(labels(held, horizon)) == {1: 0, 2: 0, 3: 0}
    status = definition(
        anchor={"code": "A", "offset": 2.0},
        outcome={"kind": "status", "start": "V//start", "end": "V//end", "gap": 6.0, "width": 4.0},
    )
    assert found(labels(held, status)) == {1: "control", 2: "control"}
    survival = definition(
        anchor={"code": "A", "offset": 2.0},
        metric="concordance",
        outcome={"kind": "survival", "codes": ["DEATH"], "censor": "OUT", "horizon": 240.0},
    )
    assert found(labels(held, survival), "time") == {1: 22.0, 2: 53.0, 3: 9.0}


def test_findings_are_those_of_the_next_report() -> None:
    rows: list[tuple[int, str | None, str, float | None]] = [
        (1, "2100-01-03 08:00", "XRAY", None),
        (1, "2100-01-03 08:00", "EDEMA", None),
        (1, "2100-01-05 08:00", "FRACTURE", None),
    ]
    what = definition(
        anchor={"code": "XRAY", "offset": -24.0},
        outcome={
            "kind": "findings",
            "report": "XRAY",
            "codes": {"edema": "EDEMA", "fracture": "FRACTURE"},
            "horizon": 25.0,
        },
    )
    made = labels(cohort(rows), what)
    assert (found(made, "edema"), found(made, "fracture")) == ({1: 1}, {1: 0})


def test_variants_are_definitions_of_their_own() -> None:
    what = definition(
        question="{least_days} days?",
        outcome={"kind": "lasts", "until": "HOSPITAL_DISCHARGE", "least": 168.0},
        vary={"least": [96.0, 120.0], "metric": ["auroc", "f1"]},
    )
    made = {one.name: (one.text, one.metric, one.outputs) for one in what.variants()}
    assert made == {
        "example": ("7 days?", "auroc", ("score",)),
        "example-l96-auroc": ("4 days?", "auroc", ("score",)),
        "example-l96-f1": ("4 days?", "f1", ("label",)),
        "example-l120-auroc": ("5 days?", "auroc", ("score",)),
        "example-l120-f1": ("5 days?", "f1", ("label",)),
    }
