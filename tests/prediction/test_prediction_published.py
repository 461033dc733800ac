"""Folders as publishers ship them become tasks; what is wrong in them is named."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.oracles.metric import MetricOracle
from taskkit.prediction.published import ehrshot, pickles, tables
from taskkit.prediction.published.tasks import task_names
from tests.prediction import shipped
from tests.prediction.building import build, file_of, isolated, the_task


@pytest.mark.slow
@isolated
def test_ehrshot_as_shipped_becomes_tasks(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    source = shipped.ehrshot(tmp_path / "source")
    built = build("ehrshot", tmp_path / "tasks", source=source)
    assert built.counts.by_category == {"guo_los": 1, "lab_anemia": 1}
    assert built.rejected == {"missing_table": 13}
    spec = the_task(tmp_path / "tasks", "lab_anemia")
    assert isinstance(spec.oracle, MetricOracle)
    assert spec.oracle.outputs == ("normal", "mild", "moderate", "severe")
    assert spec.provenance.access == "credentialed"
    _, [head, *rows] = file_of(tmp_path / "tasks", spec, "features")
    assert head == ["patient_id", "prediction_time", *(f"f{i:03}" for i in range(shipped.WIDTH))]
    assert len(rows) == 3 * shipped.PATIENTS  # of each patient the last label, and its vector
    _, [_, *hidden] = file_of(tmp_path / "tasks", spec, "-hidden")
    assert len(hidden) == shipped.PATIENTS


@pytest.mark.slow
@isolated
def test_mimic_extract_as_shipped_becomes_tasks(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    source = shipped.mimic_extract(tmp_path / "source")
    built = build("mimic-extract", tmp_path / "tasks", source=source)
    assert built.counts.by_category == {"mort_icu": 1, "vasopressor": 1}
    _, [head, *rows] = file_of(
        tmp_path / "tasks", the_task(tmp_path / "tasks", "mort_icu"), "features"
    )
    assert head == ["subject_id", "hour", *shipped.ANALYTES]
    assert [row[1] for row in rows[:4]] == ["0", "12", "0", "12"]
    spec = the_task(tmp_path / "tasks", "vasopressor")
    _, [_, *rows] = file_of(tmp_path / "tasks", spec, "features")
    assert {row[1] for row in rows} == {"3"}  # the window of the label


class Bomb:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("touch /tmp/taskkit-bomb",)


@isolated
def test_pickle_that_calls_something_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pkl"
    path.write_bytes(pickle.dumps({"data_matrix": Bomb()}))
    with pytest.raises(
        SourceError, match=r"the pickle calls posix\.system: need frames and arrays"
    ):
        pickles.arrays(path, "load('/data/source.pkl')")
    assert not Path("/tmp/taskkit-bomb").exists()


@isolated
def test_file_that_is_no_pickle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.pkl"
    path.write_text("patient_id,value\n")
    with pytest.raises(SourceError, match=r"text\.pkl: cannot be read: error: "):
        pickles.arrays(path, "load('/data/source.pkl')")


def test_pickle_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.pkl"
    with path.open("wb") as file:
        file.truncate(1_000_000_001)
    with pytest.raises(SourceError, match=r"1,000,000,001 bytes: need 1,000,000,000 at most"):
        pickles.arrays(path, "")


def test_folder_without_a_pickle_is_named(tmp_path: Path) -> None:
    (tmp_path / "clmbr_train.pkl").write_bytes(b"")
    with pytest.raises(SourceError, match=r"clmbr_val\.pkl: missing: need clmbr_train\.pkl"):
        ehrshot.release(tmp_path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"patient_id": ["x7"], "value": ["True"]}, r"patient_id 'x7': need a whole number$"),
        ({"patient_id": ["7"], "value": ["yes"]}, r"value 'yes': need True or False$"),
        ({"patient_id": [], "value": []}, r"no labels: need at least one row$"),
        ({"patient_id": ["7"]}, r"no column 'value': need patient_id, value, prediction_time$"),
    ],
    ids=["text for a patient", "another label", "empty", "a column less"],
)
def test_labels_that_are_none_are_named(
    tmp_path: Path, cells: dict[str, list[str]], message: str
) -> None:
    from taskkit.build.domain import domain
    from taskkit.prediction.definition import Definitions
    from taskkit.spec.document import read_document

    folder = tmp_path / "guo_los"
    folder.mkdir()
    table = pd.DataFrame(cells)
    table["prediction_time"] = "2015-01-01T23:59:00"
    table.to_csv(folder / "train_labels.csv", index=False)
    listed = read_document(domain("ehrshot").folder / "labels.yaml", Definitions)
    with pytest.raises(SourceError, match=message):
        ehrshot.Release(tmp_path).labels(listed.definitions[0], "train")


def test_label_table_with_a_fraction_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("subject_id,mort_icu\n3,0\n4,0.5\n")
    table = tables.read_table(path, ("subject_id", "mort_icu"))
    with pytest.raises(SourceError, match=r"mort_icu '0\.5': need a whole number$"):
        tables.whole(table, "mort_icu", path)


def test_lists_of_tasks_are_read_as_often_as_a_name_stands_there(tmp_path: Path) -> None:
    (tmp_path / "test_tasks.jsonl").write_text(json.dumps({"task_name": "los_3"}) + "\n")
    (tmp_path / "train_tasks.jsonl").write_text(json.dumps({"task_name": "los_3"}) + "\n\n")
    assert task_names(tmp_path) == ("los_3", "los_3")


def test_a_line_that_is_no_task_is_put_aside_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"task_name": "los_3"}\n{"task_name": 7}\n{"task_name": "mort_icu"}\n')
    first, faulty, last = task_names(path)
    assert (first, last) == ("los_3", "mort_icu")
    assert isinstance(faulty, Rejection)
    assert (faulty.record, faulty.code) == ("list.jsonl:2", "malformed_record")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"list\.jsonl:1: no JSON"),
        ('{"task_id": "0"}', r"list\.jsonl:1: task_name None: need a text$"),
        ("", r"no tasks: need lines with a task_name$"),
    ],
)
def test_list_that_is_none_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(SourceError, match=message):
        task_names(path)
