"""Kill taskkit at random moments, go on, and compare with what came undisturbed.

python -m tests.bench.kills TASKSET [--kills 20] [--seed 0]
    Kills a whole verification -9, again and again, and resumes it.
python -m tests.bench.kills TASKSET --shoot build verify ... [--trials 30] [--signal kill]
    Shoots processes that a command has begun, most of them in the first 100 ms of their lives.

A trial is bad where the command hangs, says nothing that helps, leaves a process behind, or where
what it left, or what comes once it is run again, differs from what came undisturbed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from taskkit.audit.record import read_records, records_path
from taskkit.run.results import Run
from taskkit.taskset.folder import Taskset
from taskkit.verify.results import read_results

KEYS = ("sha256", "code", "detail", "repeats", "answer", "sandbox", "version")
LIMIT_S, SLOW = 60.0, 6.0  # a command hangs after so long, and so many times what it takes calm
YOUTH_S = 0.1  # the age at which most processes are shot
EVERY = 6  # one trial in so many shoots all that is born
GONE_S = 12.0  # until nothing of a command may be left: workers get 10 s to end by themselves
SIGNALS = {
    "kill": (signal.SIGKILL,),
    "stop": (signal.SIGSTOP, signal.SIGKILL),
    "term": (signal.SIGTERM,),
}
COMMANDS = {
    "build": ("build", "DOMAIN", "--out", "PATH", "--jobs", "2"),
    "verify": ("verify", "PATH", "-k", "1", "--jobs", "2", "--json"),
    "audit": ("audit", "PATH", "--jobs", "2", "--json"),
    "prove": ("prove", "PATH", "--jobs", "2", "--json"),
    "run": ("run", "PATH", "--agent", "reference", "--json"),
    "validate": ("validate", "PATH", "--jobs", "2", "--json"),
}


def verify(taskset: Path, results: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a verification."""
    command = [sys.executable, "-m", "taskkit", "verify", str(taskset), "-k", "1"]
    return subprocess.Popen(
        [*command, "--results", str(results), "--json", *words], stdout=subprocess.DEVNULL
    )


def seconds(taskset: Path, results: Path, *words: str) -> float:
    """Give how long an undisturbed verification takes."""
    begun = time.perf_counter()
    assert verify(taskset, results, *words).wait() == 0
    return time.perf_counter() - begun


def findings(results: Path) -> dict[str, tuple[object, ...]]:
    """Give what was found of each instance, without the times."""
    rows = list(read_results(results))
    assert max(Counter(row.id for row in rows).values(), default=1) == 1
    return {row.id: tuple(getattr(row, key) for key in KEYS) for row in rows}


def kept(results: Path) -> int:
    """Give how many instances have a result."""
    return len(findings(results)) if results.exists() else 0


def born(pid: int) -> Iterator[int]:
    """Give every process below one."""
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, file.read_text().split()):
                yield child
                yield from born(child)


def alive(pid: int) -> bool:
    """Say whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def waits(pid: int) -> str:
    """Say what a process is and what it waits in, for who looks into a hang."""
    with contextlib.suppress(OSError):
        folder = Path(f"/proc/{pid}")
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")[:60]
        return f"{pid} {state} {(folder / 'wchan').read_text()} {words.decode(errors='replace')}"
    return f"{pid} gone"


class Shooting:
    """One command whose processes are shot at."""

    def __init__(self, words: list[str], dice: random.Random, kind: str, *, everyone: bool) -> None:
        self._dice, self._signals, self._everyone = dice, SIGNALS[kind], everyone
        self._marks = {dice.randrange(dice.choice((8, 60))) for _ in range(dice.randint(1, 3))}
        self._due: list[tuple[float, int]] = []
        self.seen: list[int] = []
        self.shot = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "taskkit", *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def outcome(self, limit_s: float) -> tuple[int | None, str]:
        """Shoot until the end; give exit code, None where it hung, and what it said."""
        begun = time.monotonic()
        while self._process.poll() is None and time.monotonic() - begun < limit_s:
            self._aim()
            self._fire()
            time.sleep(0.001)
        hung = self._process.poll() is None
        if hung:
            waiting = [self._process.pid, *born(self._process.pid)]
            tell("    " + "; ".join(map(waits, waiting)))
            self._process.kill()
        return None if hung else self._process.returncode, self._process.communicate()[1].strip()

    def _aim(self) -> None:
        for pid in born(self._process.pid):
            if pid in self.seen:
                continue
            if self._everyone or len(self.seen) in self._marks:
                delay = self._dice.choice((0.0, self._dice.uniform(0, YOUTH_S)))
                if self._dice.random() < 0.2:
                    delay = self._dice.uniform(0, 20 * YOUTH_S)
                self._due.append((time.monotonic() + delay, pid))
            self.seen.append(pid)

    def _fire(self) -> None:
        for at, pid in list(self._due):
            if at > time.monotonic():
                continue
            self._due.remove((at, pid))
            if pid not in set(born(self._process.pid)):
                continue  # it ended by itself
            with contextlib.suppress(ProcessLookupError):
                for number in self._signals:
                    os.kill(pid, number)
                self.shot += 1

    def left(self) -> list[int]:
        """Give the processes that outlive the command."""
        end = time.monotonic() + GONE_S
        while (rest := [pid for pid in self.seen if alive(pid)]) and time.monotonic() < end:
            time.sleep(0.05)
        return rest


def content(path: Path, command: str) -> dict[str, object]:
    """Give what a command leaves, without times."""
    results = path.with_name(f"{path.name}.results")
    if command in ("verify", "prove"):
        return dict(findings(results / "verify.sqlite"))
    if command == "audit":
        records = list(read_records(records_path(path)))
        return {one.id: (one.sha256, one.codes, one.fates) for one in records}
    if command == "run":
        rows = list(Run.open(results / "runs" / "reference").rows())
        return {one.id: (one.sha256, one.standing, one.reward) for one in rows}
    return {
        str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()
    }


def shoot(taskset: Path, command: str, more: list[str], trials: int, kind: str, seed: int) -> int:
    """Print how each trial ended; give how many are bad."""
    folder = taskset.with_name(f"{taskset.name}.kills") / command
    shutil.rmtree(folder, ignore_errors=True)
    begun = time.perf_counter()
    calm = finish([*words(taskset, folder / "calm", command), *more])
    took = time.perf_counter() - begun
    tell(f"{command}: undisturbed: exit {calm}, {took:.1f} s")
    right = content(folder / "calm", command)
    dice, bad, ends = random.Random(f"{seed} {command} {kind}"), 0, Counter[str]()
    for number in range(trials):
        path, everyone = folder / f"wild{number}", number % EVERY == EVERY - 1
        typed = [*words(taskset, path, command), *more]
        shooting = Shooting(typed, dice, kind, everyone=everyone)
        code, said = shooting.outcome(max(LIMIT_S, SLOW * took))
        faults = list(wrong(code, said, calm, shooting.left()))
        if code == calm and content(path, command) != right:
            faults.append("another outcome")
        if command == "build" and code != calm and path.exists():
            faults.append("a set though it failed")
        again = finish(typed)
        if again != calm or content(path, command) != right:
            faults.append(f"run again: exit {again}, or another outcome")
        bad += bool(faults)
        ends[f"exit {code}"] += 1
        whom = "all" if everyone else "some"
        shots = f"{shooting.shot} shot of {len(shooting.seen)} ({whom})"
        tell(f"  {number + 1:2} {shots}: exit {code} {said[-200:]!r} {faults or ''}")
        for folder_left in (path, path.with_name(f"{path.name}.results")):
            shutil.rmtree(folder_left, ignore_errors=True)
    tell(f"{command}, {kind}: {trials} trials, {dict(ends)}, {bad} bad")
    return bad


def finish(typed: list[str]) -> int:
    """Run a command undisturbed; give its exit code."""
    return subprocess.run([sys.executable, "-m", "taskkit", *typed], capture_output=True).returncode


def tell(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


def wrong(code: int | None, said: str, calm: int, left: list[int]) -> Iterator[str]:
    """Give what is wrong with how a command ended."""
    if code is None:
        yield "hung"
    elif code not in (calm, 1, 3):
        yield f"exit {code}"
    if "Traceback" in said or "a bug of taskkit" in said:
        yield "traceback"
    if code == 3 and "error: " not in said:
        yield "no reason given"
    if left:
        yield f"{len(left)} processes outlive it"


def words(taskset: Path, path: Path, command: str) -> list[str]:
    """Give the words of a command, over a copy of the set of its own."""
    manifest = Taskset(taskset).manifest
    if command != "build":
        shutil.copytree(taskset, path, dirs_exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    names = {
        "PATH": str(path),
        "DOMAIN": manifest.domain,
    }
    return [names.get(word, word) for word in COMMANDS[command]]


def main() -> None:
    """Print what came out; exit with 1 if a result was lost or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taskset", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--shoot", nargs="+", choices=COMMANDS, default=())
    parser.add_argument("--source", default=(), nargs=1, help="what build reads")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--signal", choices=SIGNALS, default="kill")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.shoot:
        taskset = arguments.taskset.resolve()
        asked = arguments.trials, arguments.signal, arguments.seed
        source = ["--source", *arguments.source] if arguments.source else []
        bad = [
            shoot(taskset, one, source if one == "build" else [], *asked) for one in arguments.shoot
        ]
        sys.exit(1 if any(bad) else 0)
    whole(arguments.taskset, arguments.kills, arguments.seed)


def whole(taskset: Path, kills: int, seed: int) -> None:
    """Kill whole verifications; exit with 1 if a result was lost or differs."""
    folder = taskset.with_name(taskset.name + ".kills")
    calm, wild = folder / "calm.sqlite", folder / "wild.sqlite"
    for path in folder.glob("*.sqlite"):
        path.unlink()
    start = seconds(taskset, folder / "start.sqlite", "--filter", "id=*00")
    share = max(1.0, seconds(taskset, calm) - start) / kills
    dice = random.Random(seed)
    for number in range(kills):
        process = verify(taskset, wild)
        time.sleep(dice.uniform(start / 2, start + 1.5 * share))  # before the first result, too
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        tell(f"kill {number + 1:2}: {kept(wild):,} results kept")
    assert verify(taskset, wild).wait() == 0
    one, two = findings(calm), findings(wild)
    tell(f"{len(one):,} results undisturbed, {len(two):,} after {kills} kills")
    if one != two:
        differing = [id for id in one.keys() | two.keys() if one.get(id) != two.get(id)]
        sys.exit(f"{len(differing)} differ, such as {differing[0]}")
    tell("every result is there once and equal")


if __name__ == "__main__":
    main()
