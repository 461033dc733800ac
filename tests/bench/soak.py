"""Play instances by the ten thousand, hostile programs among them, and look for what leaks.

    python -m tests.bench.soak TASKSET [--count 50000] [--hostile 0.01] [--sandbox namespace]

Honest instances are played by the reference agent; hostile ones are opened like any other, on the
same warm workers, and the agent runs one of `taskkit.sandbox.conformance`'s attacks in them. It
prints one line for each tenth of the run, and exits with 1 where anything leaked, any honest
instance was not proved, any attack broke out, or any sandbox failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taskkit.agents.reference import play
from taskkit.errors import SandboxError
from taskkit.play.stage import Stage
from taskkit.pool.pool import Bug, Lost, Pool
from taskkit.sandbox.attacks import Attack
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.conformance import ALL
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.document import parse_task
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from tests.bench.census import Census, Watch, containers, mounts

PARTS = 10
GROWTH, GROWTH_MIB = (
    1.1,
    16.0,
)  # from the second to fourth tenths, all being warm, to the last three
SPARE = {"descriptors": 4}  # open in what happens to run at the moment that is looked at
LIMITS = {"wall_s": 1.0, "cpu_s": 1.0, "memory_mib": 256, "disk_mib": 32, "output_kib": 64}
SETTLE_S = 30.0  # for the engine to remove what has ended
ATTACKS = {attack.name: attack for attack in ALL}


@dataclass(frozen=True)
class Job:
    """An instance, and the name of the attack that its agent tries, if any."""

    file: str
    attack: str = ""


@dataclass(frozen=True)
class Soaking:
    """How instances are played; makes the `Soaker` of a worker process."""

    taskset: Path
    sandbox: Choice
    secret: Path
    """A file of the host that no program may find."""

    def __call__(self) -> Soaker:
        return Soaker(self)


class Soaker:
    """Plays honest and hostile instances in the same warm sandboxes."""

    def __init__(self, soaking: Soaking) -> None:
        self._soaking = soaking
        taskset = Taskset(soaking.taskset)
        cache = soaking.secret.with_name("cache")
        self._stage = Stage(choose(soaking.sandbox), taskset.asset, taskset.document, cache)

    def do(self, job: Job) -> str:
        """Play an instance; say how it went."""
        path = self._soaking.taskset / job.file
        spec = parse_task(path.read_bytes(), path)
        try:
            return self._attack(spec, ATTACKS[job.attack]) if job.attack else self._prove(spec)
        except SandboxError as error:
            return f"sandbox failed: {job.attack or job.file}: {error}"

    def _prove(self, spec: TaskSpec) -> str:
        with self._stage.episode(spec) as episode:
            verdict = play(spec, episode).verdict
        return "proved" if verdict.reward == 1.0 else f"not proved: {spec.id}: {verdict}"

    def _attack(self, spec: TaskSpec, attack: Attack) -> str:
        limits = spec.environment.limits.model_copy(update=LIMITS)
        environment = spec.environment.model_copy(update={"limits": limits})
        hostile = spec.model_copy(update={"environment": environment})
        code = attack.filled(self._soaking.secret)
        action: Terminal | CodeExecution
        if attack.language == "shell":
            action = Terminal(action="terminal", command=code, submit=True)
        else:
            action = CodeExecution(
                action="code_execution", language=attack.language, code=code, submit=True
            )
        with self._stage.episode(hostile) as episode:
            observation = episode.step(action)
            earned = episode.reward
        if "BREACH" in observation.text:
            return f"broke out: {attack.name}: {observation.text}"
        if earned and attack.document != "any":
            return f"rewarded: {attack.name}"
        return "held"

    def close(self) -> None:
        """End the warm sandboxes."""
        self._stage.close()


@dataclass(frozen=True)
class Part:
    """A tenth of the run."""

    played: int
    """Since the beginning."""
    seconds: float
    census: Census


class Soak:
    """A whole run, and what it found."""

    def __init__(self, soaking: Soaking, *, seed: int = 0) -> None:
        """Plan it; ``seed`` decides where the hostile ones are."""
        self.soaking, self.dice = soaking, random.Random(seed)
        self.watch = Watch(os.getpid(), soaking.secret.parent)
        self.there = set(self.watch.below())
        """Processes that were there before, such as a server of other tests."""
        self.ends: Counter[str] = Counter()
        self.parts: list[Part] = []
        self.left: list[str] = []
        """What was there after the end and not before the beginning."""

    def run(self, count: int, hostile: float, jobs: int) -> None:
        """Play ``count`` instances, the share ``hostile`` of them so."""
        before, begun = mounts(), time.perf_counter()
        pool: Pool[Job, str] = Pool(jobs, self.soaking)
        try:
            for number, found in enumerate(pool.run(self._jobs(count, hostile)), start=1):
                end = f"lost: {found.job}" if isinstance(found, Lost) else found[1]
                self.ends[f"bug: {end.what}" if isinstance(end, Bug) else end] += 1
                if number * PARTS // count > len(self.parts):
                    seconds = time.perf_counter() - begun
                    self.parts.append(Part(number, seconds, self.watch.take()))
                    self.show(self.parts[-1])
        finally:
            pool.close()
        deadline = time.monotonic() + SETTLE_S
        while (left := self._left(before)) and time.monotonic() < deadline:
            time.sleep(0.5)
        self.left = left

    def _jobs(self, count: int, hostile: float) -> Iterator[Job]:
        taskset = self.soaking.taskset
        files = [str(path.relative_to(taskset)) for path in Taskset(taskset).paths()]
        names: list[str] = []
        for number in range(count):
            file = files[number % len(files)]
            if self.dice.random() >= hostile:
                yield Job(file)
                continue
            if not names:  # each attack once before any comes again
                names = self.dice.sample(sorted(ATTACKS), len(ATTACKS))
            yield Job(file, names.pop())

    def _left(self, before: set[str]) -> list[str]:
        new = set(self.watch.below()) - self.there
        found = [f"process {pid}" for pid in sorted(new) if not _keeper(pid)]
        found += [f"mount {line}" for line in mounts() - before]
        return found + ["a container"] * containers(dead=True)

    def show(self, part: Part) -> None:
        """Print the line of a tenth."""
        if len(self.parts) == 1:
            print("   played  a second  processes  memory MiB  open files  mounts  tmp  containers")  # noqa: T201
        one = part.census
        print(  # noqa: T201
            f"{part.played:9,} {part.played / part.seconds:9.1f} {one.processes:10} "
            f"{one.memory_mib:11.1f} {one.descriptors:11} {one.mounts:7} {one.files:4} "
            f"{one.containers:11}",
            flush=True,
        )

    def leaks(self) -> list[str]:
        """Return what is wrong with the run, in words; empty where all is well."""
        found = [end for end in sorted(self.ends) if end not in ("proved", "held")]
        found += [f"left: {one}" for one in self.left]
        early, late = (
            [part.census for part in parts] for parts in (self.parts[1:4], self.parts[-3:])
        )
        for name in ("processes", "descriptors", "files", "containers", "memory_mib"):
            most = max(getattr(census, name) for census in early)
            least = min(getattr(census, name) for census in late)
            spare = most * (GROWTH - 1) + GROWTH_MIB if name == "memory_mib" else SPARE.get(name, 0)
            if least > most + spare:
                found.append(f"{name} grew from {most:.0f} to {least:.0f}")
        return found


def _keeper(pid: int) -> bool:
    """Say whether a process is Python's own that keeps forks and shared names, or has ended."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True
    return not command or b"multiprocessing" in command


def main() -> int:
    """Run it from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taskset", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--hostile", type=float, default=0.01)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sandbox", choices=("namespace", "docker"), default="namespace")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        soak = Soak(prepare(Path(name), arguments.taskset.resolve(), arguments.sandbox))
        soak.run(arguments.count, arguments.hostile, arguments.jobs)
    leaks = soak.leaks()
    ends = {end: soak.ends[end] for end in ("proved", "held")}
    print(json.dumps(ends), *leaks, "clean" if not leaks else "NOT CLEAN", sep="\n")  # noqa: T201
    return 1 if leaks else 0


def prepare(folder: Path, taskset: Path, sandbox: Choice) -> Soaking:
    """Lay out a run's own folder: temporary files go there, and a secret lies there."""
    secret = folder / "secret"
    secret.write_text(f"TASKKIT-{random.Random(0).randbytes(16).hex()}")
    os.environ["TMPDIR"] = str(folder)
    return Soaking(taskset, sandbox, secret)


if __name__ == "__main__":
    sys.exit(main())
