"""Measure a plan's sets at full size, and how the cost of one domain grows with their number.

Each step (build, validate, verify, cross-check, audit) is a command of its own; what it took
is kept below --work, so that a run that was interrupted goes on with the step it was in. A step is
done again where what it reads has changed, or the code. An audit is of a sample, unless
--audit-count is 0. The tables are printed at the end, and written to report.md after each step.

python -m tests.bench.scale [--plan sql-family] [--growth mimic] [--sizes 1000,10000,50000]
    [--audit-count 400] [--steps build,validate,verify,cross-check,audit] [--work scale]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from taskkit.build.plan import order, plan_file, read_plan
from taskkit.build.series import fingerprint
from taskkit.spec.manifest import TasksetManifest
from taskkit.taskset.digest import file_sha256
from taskkit.taskset.folder import MANIFEST, Taskset
from taskkit.verify.engine_results import engines_path
from tests.bench.scale_report import Measured, report
from tests.bench.tree import Run, run

TASKKIT = (sys.executable, "-m", "taskkit")
ENGINE: Literal["duckdb"] = "duckdb"
ROOT = Path(__file__).parents[2]
KINDS = ("build", "validate", "verify", "cross-check", "audit")
INTERVAL_S = 0.5  # between two looks at the tree: each costs about 5 ms
USABLE = (0, 1)  # exit codes of a step that did its work; 1 says that some instances failed
BUCKETS = 256  # by the last two digits of ids: the first ones say in what order tasks were chosen


@dataclass(frozen=True)
class Step:
    """One command to be measured."""

    kind: str
    name: str
    """Of the set, or of the plan that makes several."""
    arguments: tuple[str, ...]
    """Of taskkit."""
    tasksets: tuple[Path, ...]
    """What it makes, or the one it looks at."""
    read: tuple[str, ...] = ()
    """What decides what a build makes, by digest."""

    @property
    def key(self) -> str:
        """Tell it from the same step asked otherwise, over other data, or with other code."""
        read = self.read if self.kind == "build" else [contents(one) for one in self.tasksets]
        return digest_of([self.kind, self.arguments, read, code()])


def digest_of(value: object) -> str:
    """Give the digest of plain values."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def contents(folder: Path) -> str:
    """Give the digest of every file's name and bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest_of([(str(path.relative_to(folder)), file_sha256(path)) for path in files])


@cache
def code() -> str:
    """Give the digest of the program: its Python, and what comes with it."""
    folders = [ROOT / name for name in ("taskkit", "builders", "domains", "images", "schemas")]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = [path for path in files if "__pycache__" not in path.parts]
    return digest_of([(str(path.relative_to(ROOT)), file_sha256(path)) for path in kept])


def manifest(taskset: Path) -> TasksetManifest:
    """Read what a set says of itself."""
    return Taskset(taskset).manifest


def steps_of(taskset: Path, name: str, audit_count: int) -> Iterator[Step]:
    """Give what is done with a set that was built."""
    path = str(taskset)
    words = {
        "validate": ("validate", path, "--json"),
        "verify": ("verify", path, "--fresh", "--json"),
        "cross-check": ("verify", path, "--cross-check", ENGINE, "--json"),
        "audit": ("audit", path, "--fresh", "--json", *sample(taskset, audit_count)),
    }
    for kind, arguments in words.items():
        yield Step(kind, name, arguments, (taskset,))


def sample(taskset: Path, count: int) -> Iterator[str]:
    """Give the filters that take about ``count`` of a set, whatever they are; none for all."""
    total = manifest(taskset).counts.total if (taskset / MANIFEST).exists() else 0
    if 0 < count < total:
        for bucket in range(-(-BUCKETS * count // total)):
            yield from ("--filter", f"id=*{bucket:02x}")


class Log:
    """What was measured so far, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, step: Step) -> Path:
        return self._folder / f"{step.kind}-{step.name}.json"

    def known(self, step: Step) -> Measured | None:
        """Give what the step took, where it was done to its end, the same way, on the same set."""
        path = self._path(step)
        if not path.exists():
            return None
        kept = json.loads(path.read_text("utf-8"))
        key = kept.pop("key")
        return Measured(**kept) if key == step.key else None

    def measure(self, step: Step) -> Measured:
        """Do a step, and keep what it took where it did its work."""
        self._path(step).unlink(missing_ok=True)
        if step.kind == "cross-check":
            engines_path(step.tasksets[0], ENGINE).unlink(missing_ok=True)
        load, begun = os.getloadavg()[0], time.strftime("%H:%M:%S")
        done = run([*TASKKIT, *step.arguments], interval_s=INTERVAL_S)
        stem = self._path(step).with_suffix("")
        stem.with_suffix(".out").write_text(done.output, "utf-8")
        stem.with_suffix(".err").write_text(done.errors, "utf-8")
        made = Measured(
            kind=step.kind,
            name=step.name,
            tasksets=[str(one) for one in step.tasksets],
            begun=begun,
            load=load,
            seconds=done.seconds,
            cpu_s=done.cpu_s,
            peak_mib=done.peak_mib,
            exit_code=done.exit_code,
            output=printed(done),
        )
        if made.output is not None:
            text = json.dumps(asdict(made) | {"key": step.key}, indent=1)
            partial = stem.with_suffix(".partial")
            partial.write_text(text, "utf-8")
            partial.replace(self._path(step))
        else:
            print(f"{step.kind} {step.name}: exit code {done.exit_code}: {done.errors[-500:]}")  # noqa: T201
        return made


def printed(done: Run) -> Any:
    """Give the JSON that a step printed; None where it failed."""
    try:
        return json.loads(done.output) if done.exit_code in USABLE else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Wanted:
    """What is to be measured."""

    work: Path
    plan: Path
    growth: tuple[str, ...]
    sizes: tuple[int, ...]
    kinds: tuple[str, ...]
    audit_count: int

    def steps(self) -> Iterator[Step]:
        """Give every step; those of a set once it is built, since their commands depend on it."""
        out = self.work / self.plan.stem
        builds = read_plan(self.plan)
        sets = tuple(out / one.folder for one in builds)
        read = tuple(fingerprint(order(one, out)) for one in builds)
        arguments = ("build", str(self.plan), "--fresh", "--out", str(out), "--json")
        yield Step("build", self.plan.stem, arguments, sets, read)
        for one in sets:
            yield from steps_of(one, one.name, self.audit_count)
        for domain in self.growth:
            for size in self.sizes:
                path = self.work / "growth" / f"{domain}-{size}"
                count = ("--count", str(size), "--out", str(path), "--json")
                yield Step("build", path.name, ("build", domain, *count), (path,))
                yield from steps_of(path, path.name, self.audit_count)

    def measure(self) -> list[Measured]:
        """Do what is wanted and not known yet."""
        log = Log(self.work / "steps")
        found: list[Measured] = []
        for step in self.steps():
            if step.kind not in self.kinds:
                continue
            if step.kind != "build" and not all((one / MANIFEST).exists() for one in step.tasksets):
                continue  # what would have made it failed, and was told
            one = log.known(step)
            if one is None:
                one = log.measure(step)
                print(one.line(), flush=True)  # noqa: T201
            if one.output is not None:
                found.append(one)
                (self.work / "report.md").write_text(report(found, self.plan), "utf-8")
        return found


def main() -> None:
    """Measure and print the tables."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--work", type=Path, default=Path("scale"), help="folder for all of it")
    parser.add_argument("--plan", default="sql-family", help="a plan's name or file")
    parser.add_argument("--growth", default="mimic", help="domains built at each size, by comma")
    parser.add_argument("--sizes", default="1000,10000,50000", help="instances, by comma")
    parser.add_argument("--steps", default=",".join(KINDS), help="by comma")
    parser.add_argument("--audit-count", type=int, default=400, help="about, of a set; 0 for all")
    given = parser.parse_args()
    kinds, plan = tuple(filter(None, given.steps.split(","))), plan_file(given.plan)
    if plan is None or not set(kinds) <= set(KINDS):
        parser.error(f"need a plan's name or file, and steps of {', '.join(KINDS)}")
    wanted = Wanted(
        given.work.resolve(),
        plan,
        tuple(filter(None, given.growth.split(","))),
        tuple(int(one) for one in given.sizes.split(",") if one),
        kinds,
        given.audit_count,
    )
    print(report(wanted.measure(), plan))  # noqa: T201


if __name__ == "__main__":
    main()
