"""Annotations in the form of EHRCon's, over an invented release of MIMIC-III."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError, UsageError
from taskkit.notes.published.annotation import Annotation, read_annotations
from taskkit.notes.published.chosen import read_mentions
from taskkit.notes.published.claim import labelled, spanned
from taskkit.spec.oracle import ExactOracle
from taskkit.taskset.folder import Taskset
from tests.ehr.small_release import mimic_iii, write

NOTE = """Admitted for weakness.
Creatinine 0.1 on 2131-03-02, potassium 4.5 mEq/L.
He was given aspirin 1 mg, and received 101 ml po intake.
Heart rate 61 at noon; Foley 250 ml.
Blood culture grew yeast.
Hypertension, cholera, and no shock.
"""
ROW = 501


def entity(
    name: str, line: int, cells: dict[str, dict[str, str]], label: str = "consistency"
) -> dict[str, Any]:
    """One mention as the release has it."""
    errors = label.count("'") // 2
    return {
        name: {
            "data": [{**cells, "label": label, "errors": errors}],
            "position": str(line),
            "source": "mimic",
            "entity_type": "1",
            "all_queries": [],
        }
    }


ENTITIES: list[dict[str, Any]] = [
    entity("Creatinine", 2, {"Labevents": {"VALUENUM": "0.1", "CHARTTIME": "2131-03-02"}}),
    entity(
        "potassium",
        2,
        {"Labevents": {"VALUENUM": "9.5"}, "D_labitems": {"LABEL": "Potassium"}},
        "'valuenum' is inconsistency",
    ),
    entity("aspirin", 3, {"Prescriptions": {"DRUG": "aspirin", "DOSE_VAL_RX": "1"}}),
    entity(
        "po intake", 3, {"Inputevents_cv": {"AMOUNT": "101"}, "D_items": {"LABEL": "po intake"}}
    ),
    entity(
        "Heart rate", 4, {"Chartevents": {"VALUENUM": "61", "CHARTTIME": "2131-03-01 ~ 2131-03-03"}}
    ),
    entity(
        "Foley",
        4,
        {"Outputevents": {"VALUE": "250"}, "D_items": {"LABEL": "Urine Out Foley"}},
        "'value' is inconsistency",
    ),
    entity("Hypertension", 6, {"D_icd_diagnoses": {"SHORT_TITLE": "hypertension nos"}}),
    entity(
        "shock",
        6,
        {"D_icd_diagnoses": {"LONG_TITLE": "septic shock"}},
        "'long_title' is inconsistency",
    ),
]
DOUBTFUL: list[dict[str, Any]] = [
    entity(
        "cholera",
        6,
        {"D_icd_diagnoses": {"SHORT_TITLE": "cholera"}},
        "'short_title' is inconsistency",
    ),
    entity("yeast", 5, {"Microbiologyevents": {"ORG_NAME": "yeast", "CHARTTIME": "in the night"}}),
    entity("fever", 5, {"Microbiologyevents": {"ORG_NAME": "yeast"}}),
    entity("Blood", 5, {"Inputevents_mv": {"AMOUNT": "5"}}),
    {"weakness": {"position": "1"}},
]
CODES = {
    "cholera": "label_disagrees",
    "yeast": "unreadable_time",
    "fever": "entity_not_found",
    "Blood": "unsupported_column",
    "weakness": "malformed_record",
}


def release(
    folder: Path, held: object, part: str = "original/test/discharge/discharge_label"
) -> Path:
    """Write a folder in the form of EHRCon's with one pickle."""
    place = folder / part
    place.mkdir(parents=True)
    (place / f"{ROW}.pkl").write_bytes(pickle.dumps(held))
    return folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("mimic"), mimic_iii(2))
    with (folder / "NOTEEVENTS.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CATEGORY", "TEXT"])
        rows.writerow([ROW, 9001, 8001, "2131-03-04", "Discharge summary", NOTE])
    return folder


def build(out: Path, source: Path | None, questions: Path, only: Path | None = None) -> Path:
    chosen = domain("ehrcon")
    options = chosen.builder().Options(only=only)
    run(Order(chosen, options, out, source=source, questions=questions, jobs=1))
    return out


@pytest.fixture(scope="module")
def built(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("ehrcon")
    questions = release(scratch / "published", {ROW: ENTITIES + DOUBTFUL})
    return build(scratch / "built", tables, questions)


def test_what_the_record_bears_out_becomes_tasks_in_the_publishers_split(built: Path) -> None:
    tasks = list(Taskset(built).specs())
    assert {task.split for task in tasks} == {"test"}
    [whole] = [task for task in tasks if task.category == "whole"]
    assert isinstance(whole.oracle, ExactOracle)
    assert whole.oracle.expected == [
        [2, "valuenum", 4.5, None],
        [6, "value", 201.0, None],
        [8, "long_title", None, None],
    ]


def test_a_note_has_a_number_behind_each_mention(built: Path) -> None:
    [whole] = [task for task in Taskset(built).specs() if task.category == "whole"]
    texts = [Taskset(built).document(one.sha256) for one in whole.context]
    assert any("Creatinine [1] 0.1 on 2131-03-02, potassium [2] 4.5 mEq/L." in one for one in texts)


def test_every_reference_finds_the_expected_rows(built: Path) -> None:
    for task in Taskset(built).specs():
        [database] = [one for one in task.environment.assets if one.reader == "agent"]
        code = getattr(task.reference.steps[0], "code", "")
        path = Taskset(built).asset(database.sha256)
        scope: dict[str, Any] = {}
        exec(code.replace(f"/data/{database.name}", str(path)), scope)  # noqa: S102
        assert isinstance(task.oracle, ExactOracle)
        assert sorted(map(str, scope["answer"])) == sorted(map(str, task.oracle.expected))  # type: ignore[arg-type]


def test_each_annotation_that_does_not_stand_is_quarantined_with_its_cause(built: Path) -> None:
    lines = [json.loads(one) for one in (built / "quarantine.jsonl").read_text().splitlines()]
    found = {
        name: one["code"]
        for one in lines
        for name in CODES
        if name in f"{one['record']} {one['detail']}"
    }
    assert found == CODES


def test_a_pickle_that_calls_anything_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str, ...]]:
            return eval, (f"open({str(tmp_path / 'ran')!r}, 'w')",)

    with pytest.raises(SourceError, match=r"501\.pkl: the pickle calls builtins\.eval"):
        read_annotations(release(tmp_path / "evil", {ROW: [Evil()]}))
    assert not (tmp_path / "ran").exists()


def test_a_folder_without_labels_is_named(tmp_path: Path) -> None:
    folder = release(tmp_path / "other", {}, "processed/test/nursing")
    with pytest.raises(SourceError, match=r"no pickle of labels below original/ \(1 elsewhere\)"):
        read_annotations(folder)


def test_a_record_of_another_form_is_rejected_by_itself(tmp_path: Path) -> None:
    held = {ROW: [ENTITIES[0], "text"], "x": []}
    found = read_annotations(release(tmp_path / "mixed", held))
    assert [type(one) for one in found] == [Annotation, Rejection, Rejection]


def test_annotations_need_the_tables_and_the_notes(tmp_path: Path, tables: Path) -> None:
    questions = release(tmp_path / "published", {ROW: ENTITIES})
    with pytest.raises(UsageError, match=r"^--questions: need --source"):
        build(tmp_path / "one", None, questions)
    bare = write(tmp_path / "bare", mimic_iii(2))
    with pytest.raises(SourceError, match=r"noteevents"):
        build(tmp_path / "two", bare, questions)


@pytest.mark.parametrize(
    ("label", "columns"),
    [
        ("consistency", set()),
        ("'charttime' and 'valuenum' are inconsistency", {"charttime", "valuenum"}),
        ("'SHORT_TITLE' is inconsistency", {"long_title"}),
    ],
)
def test_labels_name_columns(label: str, columns: set[str]) -> None:
    assert labelled(label) == columns


def test_annotated_times_are_days_minutes_or_spans() -> None:
    found = [spanned(one) for one in ("2131-03-02", "2131-03-02 06:15", "2131-03-01 ~ 2131-03-03")]
    assert [(one.start, one.end) for one in found] == [
        ("2131-03-02 00:00:00", "2131-03-02 23:59:59"),
        ("2131-03-02 06:15:00", "2131-03-02 06:15:59"),
        ("2131-03-01 00:00:00", "2131-03-03 23:59:59"),
    ]


def test_other_records_choose_mentions_and_their_labels_do_not_count(
    tmp_path: Path, tables: Path
) -> None:
    chosen = tmp_path / "records.csv"
    names = ("creatinine", "potassium", "aspirin", "foley", "none such")
    lines = [f"8001.0,{name},True,3" for name in names]
    chosen.write_text("\n".join(["Hospital admission,Medical entity,Has error,n", *lines]))
    questions = release(tmp_path / "published", {ROW: ENTITIES})
    built = build(tmp_path / "built", tables, questions, chosen)
    [whole] = [task for task in Taskset(built).specs() if task.category == "whole"]
    assert isinstance(whole.oracle, ExactOracle)
    assert whole.oracle.expected == [[2, "valuenum", 4.5, None], [4, "value", 201.0, None]]


def test_records_that_name_no_admission_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text('[{"Hospital admission": "8001.0"}]')
    with pytest.raises(SourceError, match=r"record 1: KeyError: 'medical entity'"):
        read_mentions(file)
