"""Results come in the order of their items, whatever their workers do."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from taskkit.errors import InternalError, MissingError, PluginError, SourceError
from taskkit.plugin import noted
from taskkit.pool import ordered
from taskkit.pool.ordered import AHEAD, in_chunks, in_order

KILLED = "^the building process was killed over it twice: free some memory, or use fewer --jobs$"


def squarer() -> Callable[[int], int]:
    return lambda number: number * number


@dataclass(frozen=True)
class SlowAtFirst:
    """Squares; the first item takes until long after the last that may be under way with it."""

    folder: Path

    def __call__(self) -> Callable[[int], int]:
        return self._square

    def _square(self, number: int) -> int:
        (self.folder / str(number)).touch()
        if number == 0:
            while not (self.folder / str(2 * AHEAD - 1)).exists():
                time.sleep(0.01)
            time.sleep(0.3)
        return number * number


@dataclass(frozen=True)
class Stumbling:
    """Squares, and stumbles over 3."""

    folder: Path
    how: str

    def __call__(self) -> Callable[[int], Any]:
        return self._square

    def _square(self, number: int) -> Any:
        if number == 3 and self.how == "error":
            raise SourceError("item 3: is bad: need a good one")
        if number == 3 and self.how == "bug":
            raise KeyError(number)
        if number == 3 and self.how == "unsendable":
            return lambda: number
        if number == 3 and (self.how == "always" or not (self.folder / "died").exists()):
            (self.folder / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number


def test_order_is_that_of_the_items_and_few_are_under_way(tmp_path: Path) -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            begun.append(number)
            yield number

    results = in_order(SlowAtFirst(tmp_path), items(), 2)
    assert next(results) == 0
    assert begun == list(range(2 * AHEAD))
    assert list(results) == [n * n for n in range(1, 100)]


@pytest.mark.parametrize("count", [0, 1, 9])
def test_chunks_give_what_single_items_do(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(ordered, "CHUNK", 2)
    monkeypatch.setattr(ordered, "ALONE", 3)
    assert list(in_chunks(squarer, range(count), 2)) == [n * n for n in range(count)]


def test_an_error_is_raised_in_its_turn(tmp_path: Path) -> None:
    results = in_order(Stumbling(tmp_path, "error"), range(10), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    with pytest.raises(SourceError, match=r"^item 3: is bad: need a good one$"):
        next(results)


@pytest.mark.parametrize(("how", "what"), [("bug", "KeyError"), ("unsendable", "pickle")])
def test_a_bug_is_named_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, what: str
) -> None:
    monkeypatch.setenv("TASKKIT_CACHE", str(tmp_path))
    with pytest.raises(InternalError, match=rf"^a bug of taskkit: .*{what}"):
        list(in_order(Stumbling(tmp_path, how), range(10), 2))


def test_the_death_of_a_worker_is_survived(tmp_path: Path) -> None:
    assert list(in_order(Stumbling(tmp_path, "once"), range(10), 2)) == [n * n for n in range(10)]


class Noted(Stumbling):
    """Is in the code of a domain while it stumbles."""

    def _square(self, number: int) -> Any:
        with noted("domain toy: produce"):
            if number == 3 and self.how == "ends":
                os._exit(3)
            return super()._square(number)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("always", MissingError, f"^domain toy: produce: {KILLED[1:]}"),
        ("ends", PluginError, "^domain toy: produce: the building process died over it twice"),
    ],
)
def test_a_domain_is_blamed_for_an_end_and_not_for_a_kill(
    tmp_path: Path, how: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        list(in_order(Noted(tmp_path, how), range(10), 2))


def test_a_second_death_over_the_same_item_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=KILLED):
        list(in_order(Stumbling(tmp_path, "always"), range(10), 2))


@dataclass
class KilledAtBirth:
    """Kills the workers that wait for it when it is sent, before they have read any of it."""

    times: int

    def __getstate__(self) -> dict[str, object]:
        if self.times:
            self.times -= 1
            for child in multiprocessing.active_children():
                child.kill()
                child.join()
        return {"times": 0, "load": b"x" * 5_000_000}

    def __call__(self) -> Callable[[int], int]:
        return squarer()


def test_workers_killed_between_start_and_first_message_are_replaced() -> None:
    assert list(in_order(KilledAtBirth(1), range(10), 2)) == [n * n for n in range(10)]


def test_workers_that_never_live_long_enough_are_told_and_not_waited_for() -> None:
    with pytest.raises(MissingError, match=KILLED):
        list(in_order(KilledAtBirth(100), range(10), 2))


def doubler() -> Callable[[bytes], bytes]:
    return lambda text: text * 2


def test_large_items_and_large_results_do_not_wait_for_each_other() -> None:
    items = (b"x" * 3_000_000 for _ in range(12))
    assert [len(result) for result in in_order(doubler, items, 2)] == [6_000_000] * 12


def test_a_partial_makes_workers_too() -> None:
    assert list(in_order(partial(squarer), range(3), 2)) == [0, 1, 4]
