"""No command ends with a traceback where its output goes nowhere, and none loses what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAINS = ROOT / "tests" / "fixtures" / "domains"
UNSAFE = ["--sandbox", "subprocess", "--unsafe", "--jobs", "1"]
SET = "tasks/toy"
RUN = "tasks/toy.results/runs/reference"
SETUP = [
    ["build", "toy", "--source", "doses.csv", "--jobs", "1"],
    ["run", SET, "--agent", "reference", *UNSAFE[:3]],
]
QUICK = [
    ["--help"],
    ["--version"],
    ["build", "--help"],
    ["domains"],
    ["domains", "--json"],
    ["list", SET],
    ["show", "ID"],
    ["show", "ID", "--yaml"],
    ["show", "ID", "--dockerfile"],
    ["stats", SET, "--jobs", "1"],
    ["stats", SET, "--jobs", "1", "--json"],
    ["stats", SET, "--ids"],
    ["report", SET],
    ["validate", SET, "--jobs", "1"],
    ["validate", SET, "--jobs", "1", "--json"],
    ["compare", RUN],
    ["compare", RUN, "--json"],
    ["trajectories", RUN],
    ["images", "--help"],
    ["doctor"],
]
SLOW = [
    ["build", "toy", "--source", "doses.csv", "--out", "tasks/other", "--jobs", "1"],
    ["verify", SET, *UNSAFE, "-k", "1", "--json"],
    ["audit", SET, *UNSAFE, "--json"],
    ["run", SET, "--agent", "reference", *UNSAFE[:3], "--json"],
]
"""They begin other processes."""
OUTPUTS = ("full", "closed", "left")
ENDS = {"full": {3}, "closed": {0, 1}, "left": {0}}


def environment() -> dict[str, str]:
    return {**os.environ, "TASKKIT_DOMAINS": str(DOMAINS), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small set that was proved and played."""
    made = tmp_path_factory.mktemp("streams")
    (made / "doses.csv").write_text("drug,dose\na,1\nb,2\nc,3\nc,4\n")
    for words in SETUP:
        done = subprocess.run(
            [sys.executable, "-m", "taskkit", *words],
            cwd=made, capture_output=True, text=True, env=environment(),
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
    return made


def contents(folder: Path) -> dict[str, bytes]:
    tasks = (folder / SET).rglob("*")
    return {str(path): path.read_bytes() for path in tasks if path.is_file()}


def test_no_command_minds_an_output_that_takes_nothing(folder: Path) -> None:
    task = next((folder / SET).glob("tasks/*/*/*.yaml")).stem
    commands = [([task if word == "ID" else word for word in words], OUTPUTS) for words in QUICK]
    before = contents(folder)
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.streams"],
        cwd=folder, input=json.dumps(commands), capture_output=True, text=True, env=environment(),
    )  # fmt: skip
    ended = json.loads(done.stdout)
    assert len(ended) == len(OUTPUTS) * len(QUICK)
    wrong = [
        (" ".join(words), output, code, errors)
        for words, output, code, errors in ended
        if code not in ENDS[output] or "Traceback" in errors or "bug" in errors
    ]
    assert wrong == []
    full = [errors for _, output, _, errors in ended if output == "full"]
    assert {one.strip() for one in full} == {
        "error: No space left on device: need room and the right"
    }
    assert contents(folder) == before


@pytest.mark.parametrize("words", SLOW, ids=lambda words: words[0])
def test_a_long_command_says_that_its_output_is_full(folder: Path, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "taskkit", *words],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
    assert done.stderr == "error: No space left on device: need room and the right\n"
    assert done.returncode == 3


@pytest.mark.parametrize("words", ["build toy --source x.csv", "audit SET", "new domain x"])
def test_a_working_folder_that_has_gone_is_an_error(folder: Path, words: str) -> None:
    gone = folder / "gone"
    gone.mkdir()
    words = words.replace("SET", str(folder / SET))
    command = f"cd {gone} && rmdir {gone} && {sys.executable} -m taskkit {words}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment())
    assert done.stderr == "error: the working folder has been deleted: cd to one that is there\n"
    assert done.returncode == 3


ROOM = "cannot be written: No space left on device: make room"
ON_A_FULL_DISK = [
    (
        ["build", "toy", "--source", "doses.csv", "--out", "DISK/new", "--jobs", "1"],
        "full: make room",
    ),
    (["verify", "DISK/toy", *UNSAFE, "-k", "1"], "full: make room: what it holds is kept"),
    (["audit", "DISK/toy", *UNSAFE], "full: make room: what it holds is kept"),
    (["prove", "DISK/toy", *UNSAFE], "full: make room: what it holds is kept"),
    (["run", "DISK/toy", "--agent", "reference", *UNSAFE[:3]], ROOM),
    (["report", "DISK/toy"], f"toy.results/report.html: {ROOM}"),
    (["trajectories", RUN, "--out", "DISK/run.jsonl"], "No space left on device: make room"),
]


def test_every_command_says_that_the_disk_is_full_and_leaves_nothing_in_part(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    commands = [
        ([word.replace("DISK", str(disk)) for word in words], ["null"])
        for words, _ in ON_A_FULL_DISK
    ]
    steps = (
        f"mount -t tmpfs -o size=4m tmpfs {disk} && cp -r {SET} {disk}/toy"
        f" && (dd if=/dev/zero of={disk}/filler bs=1k 2>{os.devnull}; true)"
        f" && {sys.executable} -m tests.cli.streams && ls -A {disk} >&2"
    )
    own = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", steps]
    done = subprocess.run(
        own,
        cwd=folder, input=json.dumps(commands), capture_output=True, text=True, env=environment(),
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no file system can be mounted here")
    ended = [(code, errors) for _, _, code, errors in json.loads(done.stdout)]
    for (words, said), (code, errors) in zip(ON_A_FULL_DISK, ended, strict=True):
        assert (code, errors.count("\n")) == (3, 1), (words, errors)
        assert errors.startswith("error: "), (words, errors)
        assert said in errors, (words, errors)
    left = set(done.stderr.split())
    assert left <= {"filler", "toy", "toy.results"}
