"""Run a preparation's units in worker processes and give what they make, in order."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from taskkit.build.domain import Domain
from taskkit.build.protocol import Builder, Preparation, Unit
from taskkit.errors import SourceError
from taskkit.questions.question import Rejection
from taskkit.spec.document import dump_task
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.task import Split, TaskSpec


@dataclass(frozen=True, slots=True)
class Made:
    """A finished document and what choosing it needs."""

    id: str
    record: str
    category: str
    split: Split
    answer: str
    """Key of the expected answer."""
    instruction: str
    """Key of the instruction."""
    document: bytes


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _made(spec: TaskSpec) -> Made:
    oracle = spec.oracle
    expected = oracle.expected if isinstance(oracle, ExactOracle) else {"abstain": True}
    answer = json.dumps(expected, sort_keys=True, ensure_ascii=False)
    words = " ".join(spec.instruction.split()).casefold()
    return Made(
        spec.id,
        spec.provenance.record,
        spec.category,
        spec.split,
        _key(answer),
        _key(words),
        dump_task(spec),
    )


@dataclass(frozen=True)
class _Shop:
    builder: Builder
    preparation: Preparation

    def run(self, unit: Unit) -> list[Made | Rejection]:
        produced = self.builder.produce(self.preparation, unit)
        return [one if isinstance(one, Rejection) else _made(one) for one in produced]


_shop: _Shop | None = None


def _open(domain: Domain, preparation: Preparation) -> None:
    global _shop
    _shop = _Shop(domain.builder(), preparation)


def _run(unit: Unit) -> list[Made | Rejection]:
    assert _shop is not None
    return _shop.run(unit)


def produce(
    domain: Domain, preparation: Preparation, jobs: int
) -> Iterator[list[Made | Rejection]]:
    """Give what each unit makes, in the order of the units whatever the number of jobs.

    A few units are under way at a time, so memory does not grow with their number.

    Raises:
        SourceError: a worker process died, which is most often for want of memory.
    """
    if jobs == 1:
        shop = _Shop(domain.builder(), preparation)
        yield from map(shop.run, preparation.units)
        return
    context = multiprocessing.get_context("forkserver")
    waiting: deque[Future[list[Made | Rejection]]] = deque()
    with ProcessPoolExecutor(jobs, context, _open, (domain, preparation)) as pool:
        try:
            for unit in preparation.units:
                waiting.append(pool.submit(_run, unit))
                if len(waiting) > 4 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise SourceError("a build process died: give it more memory, or --jobs 1") from error
        finally:
            pool.shutdown(cancel_futures=True)
