"""Findings are kept as they come, one row an instance."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from taskkit.errors import MissingError, UsageError
from taskkit.verify.results import Result, Results, read_results
from taskkit.verify.store import Store

ONE = Result(
    id="toy-1",
    file="tasks/train/total/toy-1.yaml",
    sha256="0" * 64,
    domain="toy",
    split="train",
    category="total",
    code="verified",
    detail="",
    repeats=2,
    answer="a",
    wall_s=0.5,
    program_s=0.25,
    sandbox="namespace",
    version="1",
)


def test_the_last_finding_on_an_instance_stands(tmp_path: Path) -> None:
    results = Results(tmp_path / "verify.sqlite")
    results.put(replace(ONE, code="unstable"))
    results.put(ONE)
    results.close()
    assert list(read_results(tmp_path / "verify.sqlite")) == [ONE]


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({}, True),
        ({"code": "reference_wrong"}, True),
        ({"sandbox": "docker"}, False),
        ({"version": "2"}, False),
        ({"repeats": 1}, False),
        ({"repeats": 3}, True),
        ({"code": "sandbox_failed"}, False),
    ],
    ids=lambda value: str(value),
)
def test_only_a_finding_of_the_same_kind_need_not_be_made_again(
    tmp_path: Path, change: dict[str, str], known: bool
) -> None:
    results = Results(tmp_path / "verify.sqlite")
    results.put(replace(ONE, **change))  # type: ignore[arg-type]
    assert bool(results.current("namespace", "1", 2)) is known
    results.close()


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    first = Results(tmp_path / "verify.sqlite")
    with pytest.raises(UsageError, match="another run is writing it"):
        Results(tmp_path / "verify.sqlite")
    first.close()


def test_a_corrupt_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "verify.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match=r"verify\.sqlite: no results file"):
        Results(tmp_path / "verify.sqlite")


@pytest.mark.parametrize("end", ["rotten", "cut"])
def test_a_damaged_page_is_found_before_a_row_is_read(tmp_path: Path, end: str) -> None:
    path = tmp_path / "verify.sqlite"
    results = Results(path)
    for number in range(200):
        results.put(replace(ONE, id=f"toy-{number}"))
    results.close()
    data = bytearray(path.read_bytes())
    if end == "cut":
        del data[5000:]
    else:
        data[8192::7] = bytes(byte ^ 0x5A for byte in data[8192::7])
    path.write_bytes(data)
    for reader in (lambda: Results(path), lambda: list(read_results(path))):
        with pytest.raises(UsageError, match=r"verify\.sqlite: no results file"):
            reader()


def test_no_results_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run `taskkit verify` first"):
        list(read_results(tmp_path / "absent.sqlite"))


def test_what_was_found_so_far_can_be_read_while_a_run_writes(tmp_path: Path) -> None:
    path = tmp_path / "verify.sqlite"
    results = Results(path)
    results.put(ONE)
    reading = read_results(path)
    assert next(reading) == ONE
    results.put(replace(ONE, id="toy-2"))
    assert list(reading) == [], "a reader sees the rows of one moment"
    assert [one.id for one in read_results(path)] == ["toy-1", "toy-2"]
    results.close()


def test_starting_over_does_not_take_the_file_from_a_run_that_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "verify.sqlite"
    first = Results(path)
    first.put(ONE)
    with pytest.raises(UsageError, match="another run is writing it"):
        Results(path, fresh=True)
    assert list(read_results(path)) == [ONE]
    first.close()
    Results(path, fresh=True).close()
    assert list(read_results(path)) == []


def test_a_run_that_was_killed_keeps_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "verify.sqlite"
    text = (
        "import os; from tests.verify.test_results import *\n"
        "results = Results(Path(sys.argv[1])); results.put(ONE)\n"
        "if os.fork(): os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.stdin.read()"  # a worker process that outlives it
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", text, str(path)], cwd=root, stdin=subprocess.PIPE
    ) as run:
        assert run.wait() == -signal.SIGKILL
        assert list(read_results(path)) == [ONE]
        results = Results(path)
        assert list(results) == [ONE]
        results.close()


def test_results_in_a_folder_that_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "verify.sqlite"
    results = Results(path)
    results.put(ONE)
    text = (
        "from tests.verify.test_results import *\n"
        "assert list(read_results(Path(sys.argv[1]))) == [ONE]"
    )
    mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" -c "$3" "$4"'
    command = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", mount, "sh")
    arguments = (str(tmp_path), sys.executable, text, str(path))
    root = Path(__file__).parents[2]
    subprocess.run([*command, *arguments], check=True, cwd=root)  # while a run writes it elsewhere
    results.close()
    subprocess.run([*command, *arguments], check=True, cwd=root)


@pytest.mark.parametrize("name", ["a file/verify.sqlite", "loop/verify.sqlite"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"verify\.sqlite: .*folder that can be written"):
        Results(tmp_path / name)


def test_a_file_without_rows_yet_has_none(tmp_path: Path) -> None:
    (tmp_path / "verify.sqlite").touch()
    assert list(read_results(tmp_path / "verify.sqlite")) == []


def test_a_file_of_another_command_is_named(tmp_path: Path) -> None:
    Store(tmp_path / "verify.sqlite", Point).close()
    with pytest.raises(UsageError, match="it holds other columns"):
        list(read_results(tmp_path / "verify.sqlite"))


@dataclass(frozen=True)
class Point:
    """A row of another kind."""

    id: str
    x: float


def test_results_that_were_deleted_are_not_written_to_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "results" / "verify.sqlite"
    results = Results(path)
    results.put(ONE)
    shutil.rmtree(path.parent)
    with pytest.raises(MissingError, match=r"verify\.sqlite: deleted while it was written: run it"):
        results.put(ONE)
    path.parent.mkdir()
    path.write_bytes(b"another")
    with pytest.raises(MissingError, match="deleted while it was written"):
        results.put(ONE)
    path.unlink()
    results.close()
