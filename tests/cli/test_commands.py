"""The command line: help with examples, exit codes, messages without tracebacks, JSON."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taskkit.verify.results import Results
from taskkit.verify.verification import results_path

TASKKIT = (sys.executable, "-m", "taskkit")
DOMAINS = Path(__file__).parents[1] / "fixtures" / "domains"
UNSAFE = ("--sandbox", "subprocess", "--unsafe", "-k", "1")


def run(cwd: Path, *words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TASKKIT, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "TASKKIT_DOMAINS": str(DOMAINS), **settings},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "doses.csv").write_text("drug,dose\na,1\nb,2\nc,3\nc,4\n")
    done = run(tmp_path, "build", "toy", "--source", "doses.csv")
    assert done.returncode == 0, done.stderr
    return tmp_path / "tasks" / "toy"


@pytest.mark.parametrize("command", ["", "build mimic", "validate", "verify", "show", "stats"])
def test_help_shows_examples(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, *command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert "taskkit " + command.split(" ")[0] in done.stdout


def test_options_of_a_domain_come_from_its_builder(tmp_path: Path) -> None:
    done = run(tmp_path, "build", "toy", "--help")
    assert "--least FLOAT" in done.stdout
    assert "Leave out drugs with a smaller total, mg." in done.stdout


def test_a_sound_set_ends_with_0(toy: Path) -> None:
    assert run(toy, "validate", toy).returncode == 0
    done = run(toy, "verify", toy, *UNSAFE, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["codes"], summary["failures"]) == ({"verified": 3}, [])
    assert json.loads(run(toy, "stats", toy, "--json").stdout)["findings"] == {"verified": 3}


@pytest.mark.parametrize("name", [b"\xff\xfe", "ä".encode(), b"a[b] c"])
def test_a_path_of_any_bytes_is_shown_whatever_the_terminal(toy: Path, name: bytes) -> None:
    place = os.fsdecode(os.fsencode(toy.parent) + b"/" + name)
    toy.rename(place)
    done = run(toy.parent, "list", place, PYTHONIOENCODING="ascii", COLUMNS="20", TERM="dumb")
    assert (done.returncode, done.stderr) == (0, "")
    done = run(toy.parent, "validate", place + "/none", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_next_command_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "doses.csv").write_text("drug,dose\na,1\nb,2\nc,3\nc,4\n")
    out = "my [set]; more"
    done = run(tmp_path, "build", "toy", "--source", "doses.csv", "--out", out)
    assert f"next: taskkit prove '{out}'" in done.stdout


def test_what_stands_is_shown_while_a_run_adds_to_it(toy: Path) -> None:
    assert run(toy, "verify", toy, *UNSAFE).returncode == 0
    running = Results(results_path(toy))
    try:
        assert json.loads(run(toy, "stats", toy, "--json").stdout)["findings"] == {"verified": 3}
        assert run(toy, "report", toy).returncode == 0
        for again in ("--resume", "--fresh"):
            refused = run(toy, "verify", toy, *UNSAFE, again)
            assert (refused.returncode, refused.stdout) == (2, "")
            assert "another run is writing it: wait, or name another file" in refused.stderr
        assert len(running.ids()) == 3
    finally:
        running.close()


def test_a_wrong_task_ends_with_1_and_is_named(toy: Path) -> None:
    path = next(toy.glob("tasks/*/*/*.yaml"))
    path.write_text(re.sub(r"expected: \S+", "expected: 99", path.read_text()))
    done = run(toy, "verify", toy, *UNSAFE)
    assert done.returncode == 1
    assert f"{path.relative_to(toy)}: reference_wrong" in done.stdout


def test_an_invalid_task_ends_with_1_and_says_where(toy: Path) -> None:
    path = next(toy.glob("tasks/*/*/*.yaml"))
    path.write_text(path.read_text().replace("category:", "categori:"))
    done = run(toy, "validate", toy)
    assert done.returncode == 1
    assert f"{path}:5:1: categori: unknown key: did you mean" in done.stdout
    assert json.loads(run(toy, "validate", toy, "--json").stdout)["findings"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("build", "toy"), "error: toy: no embedded source: give --source FILE.csv"),
        (("build", "tox"), "error: domain 'tox': unknown: did you mean 'toy'?"),
        (
            ("build", "domains/toy"),
            "error: domain 'domains/toy': a path: need a name, such as 'toy'",
        ),
        (("build", "toy", "--source", "doses.csv", "--least", "-1"), "--least -1.0: Input should"),
        (("build", "toy", "--source", "absent.csv"), "'absent.csv' does not exist"),
        (("build", "toy", "--source", "bad.csv"), "error: bad.csv: ValueError: could not convert"),
        (("build", "mimic", "--guessable"), "--guessable: need --questions"),
        (("build", "mimic-iv", "--shuffle-values"), "--shuffle-values: need --source FOLDER"),
        (("verify", "."), "not a taskset: it has no taskset.yaml"),
        (("validate", "absent"), "'absent' does not exist"),
        (("verify", "tasks/toy", "--sandbox", "subprocess"), "add --unsafe if you trust"),
        (("verify", "tasks/toy", "--filter", "size=9"), "need FIELD=PATTERN"),
        (("show", "nobody"), "not in tasks/toy"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_ends_with_2_and_says_what_to_do(
    toy: Path, words: tuple[str, ...], message: str
) -> None:
    folder = toy.parents[1]
    (folder / "bad.csv").write_text("drug,dose\na,many\n")
    done = run(folder, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_task_is_shown_with_what_judges_and_solves_it(toy: Path) -> None:
    id = next(toy.glob("tasks/*/*/*.yaml")).stem
    done = run(toy.parents[1], "show", id)
    assert "How many mg" in done.stdout
    assert "select sum(mg)" in done.stdout
    assert "FROM ${BASE}" in run(toy.parents[1], "show", id, "--dockerfile").stdout


def test_piped_output_holds_nothing_but_data(toy: Path) -> None:
    done = run(toy, "verify", toy, *UNSAFE, "--json")
    assert done.stderr == ""
    assert "\x1b" not in run(toy, "stats", toy).stdout


def test_a_reader_that_leaves_early_is_no_error(toy: Path) -> None:
    command = f"{sys.executable} -m taskkit domains --help | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_interrupted_it_keeps_what_it_found_and_says_so(toy: Path) -> None:
    slow = "with recursive n(i) as (select 1 union all select i + 1 from n limit 3000000000)"
    for path in toy.glob("tasks/*/*/*.yaml"):
        path.write_text(path.read_text().replace("select sum", f"{slow} select sum"))
        path.write_text(
            path.read_text().replace("where drug", "where (select count(*) from n) and drug")
        )
    process = subprocess.Popen(
        [*TASKKIT, "verify", str(toy), *UNSAFE, "--jobs", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as not in background
    )  # fmt: skip
    results = toy.with_name("toy.results") / "verify.sqlite"
    while not results.exists() and process.poll() is None:
        time.sleep(0.1)
    time.sleep(3)  # into the first program, which would take its whole limit
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=200)
    assert process.returncode == 130
    assert "what was found so far is kept" in error
    assert "Traceback" not in error


def test_a_task_is_shown_by_the_beginning_of_its_id(toy: Path) -> None:
    folder = toy.parents[1]
    ids = sorted(path.stem for path in toy.rglob("tasks/*/*/*.yaml"))
    alone = next(id for id in ids if sum(other.startswith(id[:10]) for other in ids) == 1)
    assert alone in run(folder, "show", alone[:10]).stdout
    assert "tasks begin so" in run(folder, "show", "toy-").stderr
    assert "did you mean" in run(folder, "show", f"{alone[:-1]}zz").stderr


def test_tasks_are_listed_a_line_each(toy: Path) -> None:
    lines = run(toy, "list", toy).stdout.splitlines()
    assert len(lines) == len(list(toy.rglob("tasks/*/*/*.yaml")))
    assert all(len(line.split("\t")) == 4 for line in lines)
    assert "no task of these" in run(toy, "list", toy, "--filter", "split=none").stderr
