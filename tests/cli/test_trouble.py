"""What a broken machine or a hostile file gives, as docs/trouble.md says it."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskkit.cli.main import cli
from taskkit.errors import MissingError, SpecError, TaskkitError, UsageError, blame, lack
from taskkit.verify.results import Results, read_results
from tests.taskset.building import build
from tests.verify.test_results import ONE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "trouble.md"


def test_every_row_of_the_page_names_a_test_that_is_there() -> None:
    table = PAGE.read_text().partition("## What a machine can do to a run")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for row in rows:
        places = re.findall(r"`(tests/[^`]+)`", row.split(" | ")[-1])
        assert places, row
        for place in places:
            path, _, test = place.partition("::")
            assert f"\ndef {test}(" in (ROOT / path).read_text(), place


def test_every_exit_code_of_an_error_is_on_the_page() -> None:
    rows = PAGE.read_text().partition("## Exit codes")[2].partition("\n## ")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", rows, re.MULTILINE)}
    assert {0, 1, 130, *(kind.exit_code for kind in TaskkitError.__subclasses__())} == told


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device: make room"),
        (OSError(errno.EROFS, "Read-only"), "Read-only: name a folder that can be written"),
        (OSError(errno.EMFILE, "Too many open files"), r"allow more open files \(ulimit -n\)"),
        (OSError(errno.EIO, "Input/output error"), "look at the disk"),
    ],
    ids=str,
)
def test_an_error_of_the_machine_says_what_it_lacks(error: OSError, said: str) -> None:
    with pytest.raises(MissingError, match=f"^a place: .*{said}$"), blame(SpecError, "a place"):
        raise error


def test_another_error_is_that_of_whoever_made_it() -> None:
    assert lack(PermissionError(errno.EACCES, "Permission denied")) is None
    assert lack(sqlite3.OperationalError("no such table: a")) is None
    with pytest.raises(SpecError, match="a place: KeyError"), blame(SpecError, "a place"):
        raise KeyError(1)


@pytest.mark.parametrize(
    "change",
    ["code = 'nonsense'", "detail = null", "wall_s = x'00'", "file = 5", "repeats = 'two'"],
)
def test_a_value_that_no_field_can_have_is_named(tmp_path: Path, change: str) -> None:
    results = Results(tmp_path / "verify.sqlite")
    results.put(ONE)
    results.connection.execute(f"update result set {change}")
    field = change.split()[0]
    with pytest.raises(UsageError, match=rf"no results file \(row 'toy-1': {field} is "):
        list(results)
    results.close()
    with pytest.raises(UsageError, match=rf"row 'toy-1': {field} is .*: delete it"):
        list(read_results(tmp_path / "verify.sqlite"))


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
HARM: dict[str, Callable[[str], str]] = {
    "emptied": lambda text: "",
    "cut": lambda text: text[: len(text) // 2],
    "laughs": lambda text: text + LAUGHS,
    "deep": lambda text: "schema: " + "[" * 20_000 + "]" * 20_000,
    "a huge number": lambda text: f"{text}\nextra: {'9' * 100_000}\n",
    "a tag": lambda text: f'{text}\nextra: !!python/object/apply:os.system ["touch pwned"]\n',
    "a key twice": lambda text: f"{text}\nid: another\n",
    "a NUL": lambda text: f"{text[:50]}\0{text[50:]}",
    "a merge": lambda text: f"{text}\n<<: {{x: 1}}\n",
    "a date": lambda text: f"{text}\nextra: 2020-01-01\n",
    "12 MB": lambda text: text + "\n" * 12_000_000,
    "two documents": lambda text: f"{text}\n---\n{text}",
    "a list": lambda text: "- a\n- b\n",
    "itself": lambda text: "&a [*a]",
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("file", ["taskset.yaml", "tasks"])
def test_documents_made_to_harm_end_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, harm: str
) -> None:
    taskset = build(tmp_path / "set")
    path = taskset / file if file.endswith("yaml") else next(taskset.glob("tasks/*/*/toy-1.yaml"))
    path.write_text(HARM[harm](path.read_text()))
    monkeypatch.chdir(tmp_path)
    for words in (["validate", "--jobs", "1"], ["list"], ["stats", "--jobs", "1"], ["report"]):
        done = CliRunner().invoke(cli, [words[0], str(taskset), *words[1:]])
        told = isinstance(done.exception, TaskkitError | SystemExit | None)
        assert told, (words, done.exception)
    checked = CliRunner().invoke(
        cli, ["validate", str(taskset), "--jobs", "1"], standalone_mode=False
    )
    assert checked.return_value == 1 or isinstance(checked.exception, TaskkitError)
    assert not (tmp_path / "pwned").exists()
