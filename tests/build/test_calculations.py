"""`taskkit build medcalc` and `npower`, from each of their sources to a proved taskset."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskkit.build.domain import domain
from taskkit.build.driver import Built, Order, run
from taskkit.calculation import published as medcalc
from taskkit.calculation.published import NEEDED
from taskkit.cli.main import cli
from taskkit.errors import MissingError, SourceError, UsageError
from taskkit.oracles.judge import expected
from taskkit.report.report import write_report
from taskkit.spec.manifest import PublishedAnswers
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.build.test_mimic import prove, tree
from tests.ehr.upstream import upstream

BMI = {
    "Row Number": "1",
    "Calculator ID": "6",
    "Note ID": "a",
    "Note Type": "Extracted",
    "Patient Note": "A man of 80 kg and 180 cm.",
    "Question": "What is the patient's BMI in kg/m2?",
    "Relevant Entities": "{'weight': [80, 'kg'], 'height': [180, 'cm']}",
    "Ground Truth Answer": "24.691",
    "Lower Limit": "23.456",
    "Upper Limit": "25.926",
}
ROWS = (
    BMI,
    {**BMI, "Row Number": "2", "Patient Note": "Another.", "Ground Truth Answer": "30.0",
     "Lower Limit": "28.5", "Upper Limit": "31.5"},
    {**BMI, "Row Number": "3", "Patient Note": "A third.",
     "Relevant Entities": "{'weight': [80, 'kg']}"},
)  # fmt: skip


def build(name: str, out: Path, source: Path | None = None, **options: object) -> Built:
    chosen = domain(name)
    limit = options.pop("limit", None)
    assert limit is None or isinstance(limit, int)
    settings = chosen.builder().Options(**options)
    return run(Order(chosen, settings, out, source=source, limit=limit))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, NEEDED)
        writer.writeheader()
        writer.writerows(ROWS)
    return path


def test_rows_whose_labels_do_not_stand_are_quarantined(rows: Path, tmp_path: Path) -> None:
    built = build("medcalc", tmp_path / "out", rows)
    assert built.counts.total == 1
    assert built.rejected == {"label_disagrees": 1, "not_computable": 1}
    lines = (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()
    details = {json.loads(line)["code"]: json.loads(line)["detail"] for line in lines}
    assert details["label_disagrees"].startswith("label 30, computed 24.69")
    assert "height" in details["not_computable"]


def test_trusted_labels_are_kept(rows: Path, tmp_path: Path) -> None:
    built = build("medcalc", tmp_path / "out", rows, trust_labels=True)
    assert built.rejected.get("label_disagrees") is None
    assert built.counts.total >= 2


def test_parquet_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setattr(medcalc, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"pip install 'taskkit\[parquet\]'"):
        build("medcalc", tmp_path / "out", path)


def test_parquet_gives_what_the_csv_gives(rows: Path, tmp_path: Path) -> None:
    pyarrow, parquet = (pytest.importorskip(name) for name in ("pyarrow", "pyarrow.parquet"))
    columns = {name: [row[name] for row in ROWS] for name in NEEDED}
    table = pyarrow.table({**columns, "Calculator ID": [int(row["Calculator ID"]) for row in ROWS]})
    parquet.write_table(table, tmp_path / "rows.parquet")
    built = build("medcalc", tmp_path / "out", tmp_path / "rows.parquet")
    assert built.rejected == {"label_disagrees": 1, "not_computable": 1}
    build("medcalc", tmp_path / "csv", rows)
    ours, theirs = (
        [(spec.instruction, spec.oracle) for spec in Taskset(tmp_path / name).specs()]
        for name in ("out", "csv")
    )
    assert ours == theirs


def test_a_wrong_label_is_kept_as_evidence_and_told_in_the_report(
    rows: Path, tmp_path: Path
) -> None:
    build("medcalc", tmp_path / "out", rows)
    lines = map(json.loads, (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines())
    evidence = {line["code"]: line["evidence"] for line in lines}
    assert evidence["label_disagrees"]["label"] == "30"
    assert evidence["label_disagrees"]["computed"].startswith("24.69")
    write_report(tmp_path / "out", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "compared, 1 agree, 1 contradicted" in page
    assert "1 missing_input (entities)" in page


@pytest.mark.parametrize("name", ["labels.csv", "labels.jsonl"])
def test_labels_of_a_file_a_row_each_are_those_of_a_build(
    rows: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    words = ["labels", "medcalc", "--source", str(rows), "--json", "--rows", str(path)]
    total = json.loads(CliRunner().invoke(cli, words).stdout)["total"]
    with path.open(encoding="utf-8", newline="") as file:
        each = [*csv.DictReader(file)] if path.suffix == ".csv" else [*map(json.loads, file)]
    assert Counter(one["verdict"] for one in each) == total
    assert [(one["category"], one["published"], one["verdict"], one["reason"]) for one in each] == [
        ("body_mass_index", "24.691", "agrees", ""),
        ("body_mass_index", "30", "disagrees", ""),
        ("body_mass_index", "24.691", "not_computable", "missing_input"),
    ]
    build("medcalc", tmp_path / "out", rows)
    counts = Taskset(tmp_path / "out").manifest.published
    assert counts == PublishedAnswers(compared=2, agree=1, contradicted=1, unread=1)
    assert counts.unread == total["not_computable"]
    codes = Counter(line.code for line in Taskset(tmp_path / "out").quarantine())
    assert codes == {"label_disagrees": counts.contradicted, "not_computable": counts.unread}


def test_rows_go_to_a_file_of_a_known_form_only(rows: Path, tmp_path: Path) -> None:
    words = ["labels", "medcalc", "--source", str(rows), "--rows", str(tmp_path / "labels.txt")]
    with pytest.raises(UsageError, match=r"need a file that ends in \.csv or \.jsonl"):
        CliRunner().invoke(cli, words, catch_exceptions=False)


def test_the_labels_of_a_source_are_shown_without_a_build(rows: Path) -> None:
    ran = CliRunner().invoke(cli, ["labels", "medcalc", "--source", str(rows), "--json"])
    found = json.loads(ran.stdout)
    assert found["total"] == {"agrees": 1, "disagrees": 1, "not_computable": 1}
    assert found["unexplained"] == 1
    ran = CliRunner().invoke(cli, ["labels", "medcalc", "--source", str(rows)])
    assert "3 labels recomputed: 1 agree, 1 disagree (1 without a known cause)" in ran.stdout
    ran = CliRunner().invoke(cli, ["labels", "mimic", "--source", str(rows)])
    assert isinstance(ran.exception, UsageError)


def test_a_file_that_is_no_medcalc_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="no column 'Row Number'"):
        build("medcalc", tmp_path / "out", path)


def test_a_drawn_medcalc_set_is_valid_and_the_same_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        built = build("medcalc", tmp_path / name, limit=55)
        assert built.counts.total == 55
        assert set(built.rejected) <= {"surplus", "unbalanced", "answer_in_question"}
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert not validate(tmp_path / "one", jobs=1).findings


PAIRED = {
    "task_id": 3,
    "estimate_target": "power",
    "question": "Aged 60: 10.0 units, deviation 38, for 2 months, r 0.5, of 53 adults. The power?",
    "answer": 0.512912771360268,
}


@pytest.mark.parametrize("trust", [False, True])
def test_a_wrong_published_power_is_kept_where_it_is_trusted(trust: bool, tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    source = tmp_path / "tasks.jsonl"
    source.write_text(json.dumps(PAIRED) + "\n")
    built = build("npower", tmp_path / "out", source, trust_labels=trust)
    assert built.rejected == ({} if trust else {"label_disagrees": 1})
    wanted = [expected(spec) for spec in Taskset(tmp_path / "out").specs()]
    assert wanted == ([PAIRED["answer"]] if trust else [])


@pytest.mark.slow
def test_drawn_sets_are_proved(tmp_path: Path) -> None:
    for name, limit in (("medcalc", 110), ("npower", 36)):
        assert build(name, tmp_path / name, limit=limit).counts.total == limit
        prove(tmp_path / name)


@pytest.mark.slow
def test_the_verified_rows_give_a_proved_set(tmp_path: Path) -> None:
    source = upstream("medcalc") / "verified_one_shot.csv"
    assert build("medcalc", tmp_path / "out", source).counts.total == 55
    prove(tmp_path / "out")


@pytest.mark.slow
def test_n_power_ai_gives_a_task_for_each_right_answer(tmp_path: Path) -> None:
    source = upstream("npower") / "train_tasks.jsonl"
    built = build("npower", tmp_path / "out", source)
    assert (built.counts.total, built.rejected) == (514, {"label_disagrees": 351})
    lines = (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()
    assert not [line for line in lines if "no known cause" in line]
    access = Counter(spec.provenance.access for spec in Taskset(tmp_path / "out").specs())
    assert access == {"credentialed": 514}
