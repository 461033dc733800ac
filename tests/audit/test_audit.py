"""A run over a set is kept, taken up again, and does the same in any number of processes."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.likeness import Likes
from taskkit.audit.proof_status import ProofStatus, selection
from taskkit.audit.record import Record
from taskkit.audit.wholeset import examine
from taskkit.errors import UsageError
from taskkit.taskset.folder import Taskset
from tests.audit.test_bad_tasks import GOOD
from tests.audit.ward import audited, bad, build

SEVERAL = [GOOD, *bad("weak"), bad("answer_in_prompt")[0], *bad("passes_empty")]


def timeless(records: Any) -> list[Record]:
    """Give records without times, and without what each process tries on its first instance."""
    return [replace(one, wall_s=0, cpu_s=0, attempts=0) for one in records]


def test_only_what_changed_is_audited_again(tmp_path: Path) -> None:
    taskset = build(tmp_path / "set", SEVERAL)
    first, records = audited(taskset)
    records.close()
    path = next(Taskset(taskset).paths())
    path.write_text(path.read_text().replace("How many mg", "Tell how many mg"))
    again, records = audited(taskset)
    records.close()
    assert (first.done, again.done, again.known) == (4, 1, 3)
    assert again.codes == first.codes


def test_records_of_instances_that_are_gone_are_dropped(tmp_path: Path) -> None:
    taskset = build(tmp_path / "set", SEVERAL)
    audited(taskset)[1].close()
    next(Taskset(taskset).paths()).unlink()
    summary, records = audited(taskset)
    assert (len(list(records)), summary.instances) == (3, 3)
    records.close()


def test_a_filter_sums_up_what_it_takes(tmp_path: Path) -> None:
    summary, records = audited(build(tmp_path / "set", SEVERAL), "id=ward-0")
    records.close()
    assert (summary.instances, summary.sound) == (1, 1)


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    taskset = build(tmp_path / "set", SEVERAL)
    _, records = audited(taskset, jobs=1)
    alone = timeless(records)
    records.forget(records.ids())
    records.close()
    _, records = audited(taskset, jobs=2)
    assert timeless(records) == alone
    records.close()


def test_without_verify_nothing_is_proved(tmp_path: Path) -> None:
    taskset = build(tmp_path / "set", SEVERAL)
    audited(taskset)[1].close()
    status = ProofStatus.of(taskset)
    assert status.audit.sound == 1
    assert status.proved == set()


def test_what_valid_and_test_share_with_train_is_counted(tmp_path: Path) -> None:
    other = {**GOOD, "split": "test", "instruction": "What did patient 3 get in all, in mg?"}
    _, records = audited(build(tmp_path / "set", [GOOD, other]))
    found = examine(list(records))
    records.close()
    assert found.overlap == {
        "instances": 1,
        "template": 1,
        "literal": 0,
        "values": 1,
        "template and values": 1,
    }
    assert [(one.id, one.code, one.across) for one in found.twins] == [
        ("ward-0", "duplicate", True)
    ]


def test_near_copies_are_found_in_a_large_group() -> None:
    """Every copy of ten different texts is found, and its share measured."""
    base = [{(word * 1009 + number) % 2**32 for number in range(50)} for word in range(10)]
    likes = Likes()
    for at, words in enumerate(base):
        likes.keep(f"{at}", array("I", sorted(words)).tobytes())
    for at, words in enumerate(base):
        changed = [*sorted(words)[2:], 4000000000 + at]
        name, share = likes.nearest(array("I", changed).tobytes()) or ("", 0.0)
        assert (name, round(share, 3)) == (f"{at}", round(48 / 51, 3))
    assert likes.nearest(array("I", [4_000_000_001, 4_000_000_002]).tobytes()) is None


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    joined = {
        "instruction": "How many stays of women?",
        "oracle": {"kind": "exact", "expected": 4},
        "sql": "select count(*) from admissions a join patients p on p.subject_id = a.subject_id"
        " where p.gender = 'f'",
        "category": "joined",
    }
    taskset = build(tmp_path_factory.mktemp("measured") / "set", [GOOD, joined])
    audited(taskset)[1].close()
    return taskset


@pytest.mark.parametrize(
    ("texts", "taken"),
    [
        (("tables>=2",), {"ward-1"}),
        (("tables=1",), {"ward-0"}),
        (("tables>=1", "id=ward-0"), {"ward-0"}),
        (("reference<70",), {"ward-0"}),
        (("steps=1", "words<6"), {"ward-1"}),
        (("entropy>0",), set()),
        (("guess<1",), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_an_audit_measured_is_a_filter(
    measured: Path, texts: tuple[str, ...], taken: set[str]
) -> None:
    chosen = selection(measured, texts)
    assert {path.stem for path in Taskset(measured).paths() if chosen.takes(path)} == taken


def test_a_measure_needs_an_audit(tmp_path: Path) -> None:
    taskset = build(tmp_path / "set", [GOOD])
    with pytest.raises(UsageError, match=r"--filter tables: the audit measures it"):
        selection(taskset, ("tables>2",))


@pytest.mark.parametrize("text", ["tables>=many", "colour=red", "category>x", "tables"])
def test_a_filter_of_another_form_is_refused(measured: Path, text: str) -> None:
    with pytest.raises(UsageError, match="need FIELD=PATTERN"):
        selection(measured, (text,))
