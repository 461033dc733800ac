"""Published records become tasks where their tables are there; the others are told apart."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from taskkit.analysis.assertion import read_test
from taskkit.analysis.published import DisputedError, Solved, eventless, solve_record, stripped
from taskkit.analysis.record import Record, oddities, read_records
from taskkit.analysis.release import available
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.build.rejection import Rejection
from taskkit.builders.biodsbench import BiodsbenchBuilder
from taskkit.errors import SourceError
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.environment import Limits
from taskkit.taskset.folder import Taskset
from tests.analysis.release import PATIENTS, READ, row, write_release
from tests.ehr.upstream import upstream


class InProcess:
    """A session that runs a program of this test in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, program: Program, limits: Limits) -> Outcome:
        scope: dict[str, Any] = {}
        code = program.code.replace("/data/1_", f"{self.folder}/csv/1/")
        try:
            exec(compile(code, "program", "exec"), scope)  # noqa: S102
        except (ValueError, LookupError, NameError, AttributeError) as error:
            return Outcome("error", stderr=f"Traceback\n{type(error).__name__}: {error}")
        return Outcome("ok", document=json.dumps(scope["answer"]).encode())


def solved(folder: Path, **changed: object) -> Solved:
    write_release(folder, [row(0, **changed)])
    [record] = read_records(folder)
    assert isinstance(record, Record)
    return solve_record(record, InProcess(folder))  # type: ignore[arg-type]


def test_an_assertion_becomes_a_typed_value_with_its_tolerance(tmp_path: Path) -> None:
    made = solved(tmp_path)
    [value] = made.oracle.values
    assert (value.expected, value.tolerance.absolute) == (60.0, 1e-6)
    assert made.answer.members[0].type.kind == "number"
    assert "- value_1: `mean_age`" in made.text
    assert "data_clinical_patient.csv is /data/1_data_clinical_patient.csv" in made.text
    assert "60" not in made.text
    assert "/workdir" not in made.code


@pytest.mark.parametrize(
    ("answer", "test", "kind", "expected"),
    [
        ("n = len(df)", "assert n == 4", "integer", 4),
        ("s = df.shape", "assert s == (4, 4)", "list", [4, 4]),
        ("a = df['ARM'].mode()[0]", "assert a == 'A'", "string", "A"),
        ("b = bool(df['AGE'].isna().any())", "assert b == True", "boolean", True),
        ("c = df['ARM'].value_counts()", "assert not c.empty", "table", [["A", 2], ["B", 2]]),
        ("d = df.groupby('ARM')['AGE'].sum().to_dict()", "assert d == {'A': 110.0, 'B': 70.0}",
         "table", [["A", 110.0], ["B", 70.0]]),
        ("g = set(df['ARM'])", "assert len(set(g) - set(['A', 'B'])) == 0", "set", ["A", "B"]),
    ],
)  # fmt: skip
def test_the_type_follows_from_the_value(
    answer: str, test: str, kind: str, expected: object, tmp_path: Path
) -> None:
    made = solved(tmp_path, reference_answer=READ + answer, test_cases=test)
    assert made.answer.members[0].type.kind == kind
    assert made.oracle.values[0].expected == expected


def test_a_reference_that_breaks_its_assertion_is_found(tmp_path: Path) -> None:
    with pytest.raises(
        DisputedError, match=r"breaks `assert abs\(mean_age - 61\) < 0\.1`"
    ) as error:
        solved(tmp_path, test_cases="assert abs(mean_age - 61) < 0.1")
    assert error.value.evidence == {"mean_age": 60.0}


def test_a_reference_that_fails_is_told_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ends with error: KeyError: 'AGES'"):
        solved(tmp_path, reference_answer=f"{READ}mean_age = df['AGES'].mean()")


def test_code_that_was_run_before_comes_first(tmp_path: Path) -> None:
    made = solved(tmp_path, code_histories=READ, reference_answer="mean_age = df['AGE'].mean()")
    assert made.oracle.values[0].expected == 60.0


def test_what_only_draws_is_taken_out() -> None:
    code = (
        "import seaborn as sns\nfrom PyComplexHeatmap import oncoPrintPlotter\nx = 1\n"
        "sns.barplot(data=x)\nfig = oncoPrintPlotter(data=x)\ny = x + 1"
    )
    assert stripped(code) == "x = 1\ny = x + 1"


def test_survival_without_events_is_told() -> None:
    fitted = "from lifelines import KaplanMeierFitter\nkmf = KaplanMeierFitter()\n"
    assert eventless(f"{fitted}kmf.fit(months)")
    assert not eventless(f"{fitted}kmf.fit(months, event_observed=died)")
    assert not eventless(f"{fitted}kmf.fit(months, died)")
    assert eventless("logrank_test(durations_A=a, durations_B=b)")


def test_every_record_is_accounted_for(tmp_path: Path) -> None:
    source = write_release(
        tmp_path / "source",
        [
            row(0),
            row(1, test_cases="assert mean_age == 3"),
            row(2, tables='["/workdir/data_sv.csv"]'),
            row(3, reference_answer="mean_age = ("),
            row(4, reference_answer=f"{READ}mean_age = df['AGES'].mean()"),
            row(5, test_cases="assert all(x for x in df)"),
            "{",
            json.dumps({"study_ids": 7}),
        ],
    )
    found = domain("biodsbench")
    built = run(Order(found, found.builder().Options(), tmp_path / "out", source=source))
    assert built.counts.total == 1
    assert built.rejected == {
        "label_disagrees": 1,
        "missing_table": 1,
        "malformed_record": 3,
        "not_computable": 2,
    }
    [task] = Taskset(tmp_path / "out").specs()
    assert task.oracle.kind == "values"
    assert [one.name for one in task.context] == ["How its publisher goes about it (1_0)"]


def test_labels_are_recomputed(tmp_path: Path) -> None:
    rows: list[Any] = [
        row(0),
        row(1, test_cases="assert mean_age == 3"),
        row(2, tables='["/workdir/data_sv.csv"]'),
        row(3, reference_answer=f"{READ}mean_age = df['AGES'].mean()"),
    ]
    found = {one.record: one for one in BiodsbenchBuilder().labels(write_release(tmp_path, rows))}
    assert {name: (one.status, one.cause) for name, one in found.items()} == {
        "1_0": ("agrees", ""),
        "1_1": ("disagrees", ""),
        "1_2": ("not_computable", "missing_table"),
        "1_3": ("not_computable", "reference"),
    }
    assert found["1_1"].computed == '{"mean_age": 60.0}'


def test_a_study_as_its_portal_has_it_is_read_as_well(tmp_path: Path) -> None:
    link = "https://portal.example/study/summary?id=own_study_2020"
    source = write_release(tmp_path / "source", [row(0, dataset_url=link)])
    (source / "csv" / "1" / "data_clinical_patient.csv").unlink()
    (source / "own_study_2020").mkdir()
    text = PATIENTS.replace(",", "\t").replace("P4", "P4, left")
    path = source / "own_study_2020" / "data_clinical_patient.txt"
    path.write_text(f"#Patient\tAge\n#STRING\tNUMBER\n{text}")
    [record] = available(source, tmp_path / "tables")
    assert isinstance(record, Record)
    [made] = record.tables.values()
    assert made is not None
    assert made.read_text() == PATIENTS.replace("P4", '"P4, left"')


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no python_tasks_with_class\.jsonl: need BioDSBench's"):
        list(read_records(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty: need a line of column names"),
        ("PATIENT_ID,AGE\n", "no rows below the column names: an empty study"),
    ],
)
def test_a_table_without_rows_is_refused(text: str, message: str, tmp_path: Path) -> None:
    write_release(tmp_path, [row(0)])
    (tmp_path / "csv" / "1" / "data_clinical_patient.csv").write_text(text)
    with pytest.raises(SourceError, match=message):
        list(read_records(tmp_path))


def test_a_table_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    write_release(tmp_path, [row(0)])
    os.truncate(tmp_path / "csv" / "1" / "data_clinical_patient.csv", 1024**3)
    with pytest.raises(SourceError, match="1,024 MiB: need 512 MiB at most"):
        list(read_records(tmp_path))


def test_a_text_in_a_column_of_numbers_and_a_day_of_year_zero_are_named(tmp_path: Path) -> None:
    write_release(tmp_path, [row(0)])
    rows = "".join(f"P{n},{50 + n},2020-01-0{n},A\n" for n in range(1, 9))
    text = f"PATIENT_ID,AGE,SEEN,ARM\n{rows}P9,old,0000-01-01,B\n"
    (tmp_path / "csv" / "1" / "data_clinical_patient.csv").write_text(text)
    [record] = read_records(tmp_path)
    assert isinstance(record, Record)
    assert oddities(record) == [
        "data_clinical_patient.csv: AGE: row 9 is 'old' in a column of whole number",
        "data_clinical_patient.csv: SEEN: row 9 is '0000-01-01' in a column of date",
    ]


def test_the_published_records_are_read_whole() -> None:
    folder = upstream("biodsbench")
    records = list(read_records(folder))
    assert not any(isinstance(one, Rejection) for one in records)
    known = [one for one in records if isinstance(one, Record)]
    assert Counter(bool(one.missing()) for one in known) == {True: 109, False: 9}
    for one in known:
        source = f"{one.row.code_histories or ''}\n{one.row.reference_answer}"
        assert read_test(one.row.test_cases, source).claims
