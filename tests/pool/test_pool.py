"""Worker processes that die, fail or outnumber the work lose no job."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from taskkit.errors import MissingError, SandboxError
from taskkit.pool.pool import Bug, Lost, Pool


@dataclass(frozen=True)
class Hands:
    """Makes hands that square numbers, and stumble where told to."""

    folder: Path
    die_at: int = -1
    always: bool = False
    fail_at: int = -1
    crippled: bool = False

    def __call__(self) -> Hands:
        if self.crippled:
            raise MissingError("no hands: grow some")
        return self

    def do(self, job: int) -> int:
        if job == self.die_at and (self.always or not (self.folder / "died").exists()):
            (self.folder / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if job == self.fail_at:
            raise SandboxError(f"job {job}: the machine broke")
        return job * job

    def close(self) -> None:
        (self.folder / f"closed-{os.getpid()}").touch()


class Lots(Hands):
    """Hands that square lots, and leave a file for each that tells what was in it."""

    def do_batch(self, jobs: Sequence[int]) -> Iterator[int]:
        (self.folder / f"lot {min(jobs)} to {max(jobs)}, {os.getpid()}").touch()
        return map(self.do, jobs)


def squares(
    hands: Hands,
    size: int,
    jobs: int,
    lane: Callable[[int], Hashable] | None = None,
    *,
    together: int = 1,
) -> dict[int, int | None]:
    pool: Pool[int, int] = Pool(size, hands, together=together)
    try:
        run = pool.run(range(jobs), lane)
        found: list[tuple[int, int | None]] = []
        for one in run:
            if isinstance(one, Lost):
                found.append((one.job, None))
            else:
                assert not isinstance(one[1], Bug)
                found.append((one[0], one[1]))
    finally:
        pool.close()
    assert max(Counter(job for job, _ in found).values()) == 1
    return dict(found)


@pytest.mark.parametrize(("size", "jobs"), [(1, 10), (3, 10), (4, 2), (2, 300)])
def test_every_job_is_done_once(tmp_path: Path, size: int, jobs: int) -> None:
    assert squares(Hands(tmp_path), size, jobs) == {n: n * n for n in range(jobs)}


def test_a_worker_takes_one_lane_after_the_other_the_longest_first(tmp_path: Path) -> None:
    pool: Pool[int, int] = Pool(1, Hands(tmp_path))
    try:
        run = pool.run(range(8), lane=lambda job: job in (1, 4, 6))
        done = [one[0] for one in run if not isinstance(one, Lost)]
    finally:
        pool.close()
    assert done == [0, 2, 3, 5, 7, 1, 4, 6]


def test_lanes_are_shared_once_they_are_too_few(tmp_path: Path) -> None:
    assert squares(Hands(tmp_path), 3, 100, lane=lambda _: "one") == {n: n * n for n in range(100)}


def test_hands_are_closed_in_their_own_processes(tmp_path: Path) -> None:
    squares(Hands(tmp_path), 2, 4)
    assert len(list(tmp_path.glob("closed-*"))) == 2


def test_the_job_of_a_worker_that_died_is_done_by_another(tmp_path: Path) -> None:
    assert squares(Hands(tmp_path, die_at=5), 2, 20) == {n: n * n for n in range(20)}


def test_a_job_that_kills_twice_is_lost_and_the_others_are_done(tmp_path: Path) -> None:
    found = squares(Hands(tmp_path, die_at=5, always=True), 2, 20)
    assert found == {n: None if n == 5 else n * n for n in range(20)}


class Doomed(Hands):
    """Hands whose every process is killed."""

    def __call__(self) -> Hands:
        os.kill(os.getpid(), signal.SIGKILL)
        return self


def test_workers_that_are_killed_one_after_the_other_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"^12 worker processes were killed, with no result"):
        squares(Doomed(tmp_path), 1, 1000)


def test_an_error_of_a_hand_ends_the_run_by_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^job 3: the machine broke$"):
        squares(Hands(tmp_path, fail_at=3), 2, 20)


def test_hands_that_cannot_be_made_say_why(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"^no hands: grow some$"):
        squares(Hands(tmp_path, crippled=True), 2, 20)


def longest(folder: Path) -> int:
    spans = [path.name.partition(",")[0].split()[1:] for path in folder.glob("lot *")]
    return max(int(last) - int(first) + 1 for first, _, last in spans)


@pytest.mark.parametrize("make", [Hands, Lots])
@pytest.mark.parametrize(("size", "jobs"), [(1, 100), (2, 300), (3, 5)])
def test_in_lots_too_every_job_is_done_once(
    tmp_path: Path, make: type[Hands], size: int, jobs: int
) -> None:
    assert squares(make(tmp_path), size, jobs, together=8) == {n: n * n for n in range(jobs)}


def test_a_lot_is_as_long_as_asked_for_and_shorter_towards_the_end(tmp_path: Path) -> None:
    squares(Lots(tmp_path), 1, 100, together=8)
    assert longest(tmp_path) == 8
    assert list(tmp_path.glob("lot 99 to 99,*"))


def test_the_lot_of_a_worker_that_died_is_done_again(tmp_path: Path) -> None:
    found = squares(Lots(tmp_path, die_at=5), 1, 100, together=8)
    assert found == {n: n * n for n in range(100)}
    assert list(tmp_path.glob("lot 5 to 5,*"))


def test_of_a_lot_that_kills_only_the_guilty_job_is_lost(tmp_path: Path) -> None:
    found = squares(Lots(tmp_path, die_at=5, always=True), 2, 100, together=8)
    assert found == {n: None if n == 5 else n * n for n in range(100)}


def test_an_error_in_a_lot_ends_the_run_after_what_was_found_before(tmp_path: Path) -> None:
    found: list[object] = []
    pool: Pool[int, int] = Pool(1, Lots(tmp_path, fail_at=6), together=8)
    try:
        with pytest.raises(SandboxError, match=r"^job 6: the machine broke$"):
            found.extend(pool.run(range(100)))
    finally:
        pool.close()
    assert found == [(n, n * n) for n in range(6)]


class Faulty:
    """Fails over one job, as a bug of ours would."""

    def do(self, job: int) -> int:
        if job == 3:
            raise KeyError("a bug")
        return job * 10

    def close(self) -> None:
        return


def test_a_bug_is_told_of_its_job_and_the_others_are_done() -> None:
    pool: Pool[int, int] = Pool(2, Faulty)
    try:
        found = dict(one for one in pool.run(range(6)) if not isinstance(one, Lost))
    finally:
        pool.close()
    bug = found.pop(3)
    assert isinstance(bug, Bug)
    assert "KeyError: 'a bug'" in bug.what
    assert "Traceback" in bug.traceback
    assert found == {0: 0, 1: 10, 2: 20, 4: 40, 5: 50}
