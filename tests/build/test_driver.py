"""A build, from a domain of a user's own to a taskset on disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from taskkit.build.domain import Domain, domain, domains
from taskkit.build.driver import Built, Order, run
from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate

DOMAINS = Path(__file__).parents[1] / "fixtures" / "domains"
DOSES = "drug,dose\n" + "".join(f"drug{n % 7},{n}\n" for n in range(1, 50))


@pytest.fixture
def doses(tmp_path: Path) -> Path:
    path = tmp_path / "doses.csv"
    path.write_text(DOSES)
    return path


def build(out: Path, source: Path | None, *, jobs: int = 1, **options: object) -> Built:
    toy = domain("toy", (DOMAINS,))
    chosen = toy.builder().Options(**options)
    return run(Order(toy, chosen, out, source=source, jobs=jobs))


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_record_ends_as_a_task_or_in_the_quarantine(tmp_path: Path, doses: Path) -> None:
    built = build(tmp_path / "toy", doses, least=175.0)
    assert (built.read, built.counts.total, built.rejected) == (7, 4, {"degenerate_answer": 3})
    lines = [json.loads(x) for x in (tmp_path / "toy/quarantine.jsonl").read_text().splitlines()]
    assert {line["record"] for line in lines} == {"drug1", "drug2", "drug3"}


def test_a_taskset_is_valid_as_built(tmp_path: Path, doses: Path) -> None:
    build(tmp_path / "toy", doses)
    report = validate(tmp_path / "toy", jobs=1)
    assert (report.tasks, list(report.findings)) == (7, [])


def test_worker_processes_do_not_change_a_byte(tmp_path: Path, doses: Path) -> None:
    build(tmp_path / "one", doses)
    build(tmp_path / "two", doses, jobs=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_limit_is_kept_and_accounted_for(tmp_path: Path, doses: Path) -> None:
    toy = domain("toy", (DOMAINS,))
    order = Order(toy, toy.builder().Options(), tmp_path / "toy", source=doses, limit=3)
    built = run(order)
    assert (built.counts.total, built.rejected) == (3, {"surplus": 4})
    assert len(list(Taskset(tmp_path / "toy").paths())) == 3


def test_fewer_records_than_asked_for_are_told(tmp_path: Path, doses: Path) -> None:
    toy = domain("toy", (DOMAINS,))
    built = run(Order(toy, toy.builder().Options(), tmp_path / "toy", source=doses, limit=9))
    assert built.notes == ("9 tasks asked for, 7 made: there are no more records",)


def test_a_failed_build_leaves_the_earlier_taskset(tmp_path: Path, doses: Path) -> None:
    build(tmp_path / "toy", doses)
    before = tree(tmp_path / "toy")
    doses.write_text("drug,dose\na,many\n")
    with pytest.raises(SourceError, match=r"doses\.csv: ValueError: could not convert"):
        build(tmp_path / "toy", doses)
    assert tree(tmp_path / "toy") == before
    assert [path.name for path in tmp_path.iterdir() if ".partial" in path.name] == []


def test_a_missing_source_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^toy: no embedded source: give --source FILE\.csv$"):
        build(tmp_path / "toy", None)


def test_an_unknown_domain_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"^domain 'mimc': unknown: did you mean 'mimic'\?$"):
        domain("mimc")


def test_domains_of_a_user_stand_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKKIT_DOMAINS", str(DOMAINS))
    assert {"mimic", "mimic-iv", "toy"} <= set(domains())


@pytest.mark.parametrize(
    ("builder", "message"),
    [
        ("./absent.py:Builder", "FileNotFoundError"),
        ("no.such.module:Builder", "ModuleNotFoundError"),
        ("taskkit.build.domain:Builderr", "AttributeError"),
    ],
)
def test_a_builder_that_cannot_be_loaded_is_named(
    tmp_path: Path, builder: str, message: str
) -> None:
    folder = tmp_path / "sick"
    folder.mkdir()
    text = (DOMAINS / "toy" / "domain.yaml").read_text()
    text = text.replace("name: toy", "name: sick").replace("./builder.py:ToyBuilder", builder)
    (folder / "domain.yaml").write_text(text)
    with pytest.raises(SpecError, match=message):
        Domain.read(folder).builder()
