"""Units made once more elsewhere: what comes of one may not change with place, time or order."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from taskkit.build.protocol import Unit
from taskkit.clock import ahead
from taskkit.errors import SpecError, TaskkitError
from taskkit.plugin import patience

SAMPLE = 8  # units, spread over all: made in reverse, so that what units leave behind shows too
SEEDS = (1, 2)  # of hashes: the first of a small set is often the same with one other
DAYS = 400  # how far its clock is ahead, where the machine can move one
START_S = 60.0  # for its imports, on a machine that is busy
TELLING = {"id": 0, "document": 1}  # what a difference is shown of, where it can be
SHOWN = 100  # characters of what differs
ELSEWHERE = "from taskkit.build.repetition import main; main()"


@dataclass(frozen=True)
class _Work:
    """What the other process does."""

    shop: Callable[[], Callable[[Unit], Sequence[Any]]]
    units: list[Unit]


class Repetition:
    """A sample of units, made a second time in a process with another hash seed and clock."""

    def __init__(
        self, shop: Callable[[], Callable[[Unit], Sequence[Any]]], units: Sequence[Unit]
    ) -> None:
        """Choose the sample; nothing is begun yet."""
        last, count = len(units) - 1, min(SAMPLE, len(units))
        places = {round(n * last / max(1, count - 1)) for n in range(count)}
        self._work = _Work(shop, [units[place] for place in sorted(places, reverse=True)])
        self._names = {unit.name for unit in self._work.units}
        self._first: dict[str, Sequence[Any]] = {}
        self._answers: dict[Path, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Repetition:
        return self

    def _begin(self) -> None:
        """Begin the other processes, once a first unit was made here."""
        self._folder = tempfile.TemporaryDirectory(prefix="taskkit-again-")
        home = Path(self._folder.name)
        with (home / "work").open("wb") as file:
            pickle.dump(sys.path, file)
            pickle.dump(self._work, file)
        self._answers = {home / f"answer-{seed}": _elsewhere(home, seed) for seed in SEEDS}

    def __exit__(self, *_: object) -> None:
        for process in self._answers.values():
            process.kill()
            process.wait()
        if self._answers:
            self._folder.cleanup()

    def first(self, unit: Unit, made: Sequence[Any]) -> None:
        """Keep what was made of a unit, where it is of the sample."""
        if not self._answers:
            self._begin()
        if unit.name in self._names:
            self._first[unit.name] = made

    def compare(self, where: str) -> None:
        """Wait for the other processes, and compare.

        Raises:
            SpecError: a unit gave something else there; or it failed there.
        """
        for answer, process in self._answers.items():
            second = self._second(answer, process, where)
            for name in self._first:
                if what := difference(self._first[name], second[name]):
                    raise SpecError(f"{where}: unit {name!r}: {what}: {NEEDED}")

    def _second(
        self, answer: Path, process: subprocess.Popen[bytes], where: str
    ) -> dict[str, Sequence[Any]]:
        """Give what another process made, by unit."""
        try:
            process.wait(START_S + patience() * len(self._names))
        except subprocess.TimeoutExpired as error:
            raise SpecError(
                f"{where}: a second process is not done: need units that end"
            ) from error
        if not answer.exists():
            code = process.returncode
            raise SpecError(f"{where}: in a second process it ended that one (exit code {code})")
        second: dict[str, Sequence[Any]] | TaskkitError = pickle.loads(answer.read_bytes())
        if isinstance(second, TaskkitError):
            raise type(second)(f"{second} (in a second process)")
        return second


def _elsewhere(home: Path, seed: int) -> subprocess.Popen[bytes]:
    """Begin a process that does the work, with another hash seed, on another day."""
    return subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, str(home / "work"), str(home / f"answer-{seed}")],
        env={**os.environ, "PYTHONHASHSEED": str(seed), **ahead(DAYS)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


NEEDED = (
    "need the same each time: no random number without a seed, no time or day, no order of a set,"
    " nothing that other units left"
)


def difference(first: Sequence[Any], second: Sequence[Any]) -> str:
    """Say in what two productions of one unit differ; empty where in nothing."""
    for one, other in zip(first, second, strict=False):
        if type(one) is not type(other):
            kinds = f"a {type(one).__name__}, then a {type(other).__name__}"
            return f"record {one.record!r}: made twice, it was {kinds}".replace("Made", "task")
        names = [field.name for field in fields(one)]
        for name in sorted(names, key=lambda name: TELLING.get(name, len(TELLING))):
            before, after = getattr(one, name), getattr(other, name)
            if before != after:
                at = f"record {one.record!r}: made twice, its {name}"
                return f"{at} was {_shown(before, after)}"
    if len(first) != len(second):
        return f"made twice, it gave {len(first):,} results, then {len(second):,}"
    return ""


def _shown(before: object, after: object) -> str:
    """Show the first line that differs of two documents, or two values."""
    if isinstance(before, bytes) and isinstance(after, bytes):
        pairs = zip(before.decode().splitlines(), after.decode().splitlines(), strict=False)
        before, after = next((pair for pair in pairs if pair[0] != pair[1]), (before, after))
    return f"{str(before).strip()!r:.{SHOWN}}, then {str(after).strip()!r:.{SHOWN}}"


def main() -> None:
    """Make the units that a file names, in this process; leave what comes of them in another."""
    with Path(sys.argv[1]).open("rb") as file:
        sys.path[:] = pickle.load(file)
        work: _Work = pickle.load(file)
    answer: object
    try:
        shop = work.shop()
        answer = {unit.name: shop(unit) for unit in work.units}
    except TaskkitError as error:
        answer = error
    target = Path(sys.argv[2])
    partial = target.with_suffix(".partial")
    partial.write_bytes(pickle.dumps(answer))
    partial.replace(target)
