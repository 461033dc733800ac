"""Run a preparation's units in worker processes and give what they make, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from taskkit.build.balance import Candidate
from taskkit.build.domain import Domain, blamed
from taskkit.build.protocol import Preparation, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import SpecError
from taskkit.oracles.judge import key
from taskkit.pool.ordered import in_order
from taskkit.spec.document import dump_task
from taskkit.spec.task import Split, TaskSpec, Turn


@dataclass(frozen=True, slots=True)
class Product:
    """A finished document and what choosing it needs."""

    id: str
    record: str
    category: str
    split: Split
    guessable: bool
    """It is in a category that is judged by its guess rate, whatever its answers."""
    answer: str
    """Key of the expected answer; of a dialogue those of its turns, parted by spaces."""
    instruction: str
    """Key of the instruction."""
    document: bytes

    @property
    def candidate(self) -> Candidate:
        """Give it as one that may be chosen; a guessable task competes with no other's answer."""
        return Candidate(self.id, self.category, self.id if self.guessable else self.answer)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _answer(turn: TaskSpec | Turn) -> str:
    return json.dumps(key(turn), sort_keys=True, ensure_ascii=False)


def _product(spec: TaskSpec) -> Product:
    answer = " ".join(_key(_answer(turn)) for turn in spec.dialogue)
    words = " ".join(" ".join(one.instruction for one in spec.dialogue).split()).casefold()
    return Product(
        spec.id,
        spec.provenance.record,
        spec.category,
        spec.split,
        spec.guessable,
        answer,
        _key(words),
        dump_task(spec),
    )


class Shop:
    """Runs units, in one process."""

    def __init__(self, domain: Domain, preparation: Preparation) -> None:
        self._builder = domain.builder()
        self._domain, self._preparation = domain, preparation
        self._files = frozenset(preparation.assets)

    def __call__(self, unit: Unit) -> list[Product | Rejection]:
        """Make what comes of a unit.

        Raises:
            SpecError: the builder failed, or gave what is no task of its domain.
        """
        where = f"domain {self._domain.manifest.name}: produce: unit {unit.name!r}"
        made: list[Product | Rejection] = []
        with blamed(where, self._domain.folder):
            for one in self._builder.produce(self._preparation, unit):
                made.append(one if isinstance(one, Rejection) else self._checked(one, where))
        return made

    def _checked(self, spec: object, where: str) -> Product:
        """Check that a builder gave a task that can be of this set."""
        if not isinstance(spec, TaskSpec):
            kind = type(spec).__name__
            raise SpecError(f"{where}: gave a {kind}: need a TaskSpec or a Rejection")
        name, images = self._domain.manifest.name, self._preparation.images
        at = f"{where}: task {spec.id!r} of record {spec.provenance.record!r}"
        if spec.domain != name:
            raise SpecError(f"{at}: domain {spec.domain!r}: need {name!r}")
        if spec.environment.image not in images:
            known = ", ".join(map(repr, images)) or "none"
            raise SpecError(
                f"{at}: image {spec.environment.image!r}: the preparation names {known}:"
                " need it in Preparation.images"
            )
        for asset in spec.environment.assets:
            if asset.name not in self._files:
                known = ", ".join(sorted(self._files)) or "none"
                raise SpecError(
                    f"{at}: asset {asset.name!r}: the preparation has {known}:"
                    " need it in Preparation.assets"
                )
        return _product(spec)


def produce(
    domain: Domain, preparation: Preparation, jobs: int
) -> Iterator[list[Product | Rejection]]:
    """Give what each unit makes, in the order of the units whatever the number of jobs."""
    return in_order(partial(Shop, domain, preparation), preparation.units, jobs)
