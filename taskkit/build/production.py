"""Run a preparation's units in worker processes and give what they make, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import count

from taskkit.build.balance import Candidate
from taskkit.build.checking import check_rejection
from taskkit.build.domain import Domain, blamed
from taskkit.build.protocol import Preparation, Unit
from taskkit.build.rejection import Rejection
from taskkit.build.repetition import Repetition
from taskkit.errors import PluginError, SpecError
from taskkit.oracles.judge import faults, key
from taskkit.plugin import MOST, bounded, noted
from taskkit.pool.ordered import in_order
from taskkit.spec.document import MAX_BYTES, dump_task
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


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(text: str) -> str:
    return _sha256(text)[:24]


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
        self._documents = frozenset(_sha256(text) for text in preparation.documents.values())

    def __call__(self, unit: Unit) -> list[Product | Rejection]:
        """Make what comes of a unit.

        Raises:
            SpecError: the builder failed, or gave what is no task of its domain.
        """
        where = f"domain {self._domain.manifest.name}: produce: unit {unit.name!r}"
        with noted(where), blamed(where, self._domain.folder):
            return list(self._results(unit, where))

    def _results(self, unit: Unit, where: str) -> Iterator[Product | Rejection]:
        """Give what comes of a unit, each checked; others' code ends, and gives so many at most."""
        ours = self._domain.shipped
        waiting = nullcontext if ours else partial(bounded, where, SpecError)
        with waiting():
            given: object = self._builder.produce(self._preparation, unit)
        if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping):
            raise SpecError(f"{where}: gave {given!r:.80}: need to yield TaskSpec and Rejection")
        results = iter(given)
        for _ in count() if ours else range(MOST):
            with waiting():
                one = next(results, self)
            if one is self:
                return
            yield self._checked(one, where)
        raise SpecError(f"{where}: gave {MOST:,} results and more: need smaller units")

    def _checked(self, one: object, where: str) -> Product | Rejection:
        """Check that a builder gave a task that can be of this set, or a rejection."""
        if isinstance(one, Rejection):
            return check_rejection(one, where, self._domain.codes)
        if not isinstance(one, TaskSpec):
            kind = type(one).__name__
            raise SpecError(f"{where}: gave a {kind}, {one!r:.80}: need a TaskSpec or a Rejection")
        at = f"{where}: task {one.id!r} of record {one.provenance.record!r}"
        try:
            for fault in self._faults(one):
                raise SpecError(f"{at}: {fault}")
            made = _product(one)
        except PluginError as error:
            raise PluginError(f"{at}: {error}") from error
        if (size := len(made.document)) > MAX_BYTES:
            detail = f"a document of {size:,} bytes: need {MAX_BYTES:,} at most"
            return Rejection(made.record, "too_large", detail)
        return made

    def _faults(self, spec: TaskSpec) -> Iterator[str]:
        """Give why a task cannot be of this set, each with what is needed."""
        name, images = self._domain.manifest.name, self._preparation.images
        if spec.domain != name:
            yield f"domain {spec.domain!r}: need {name!r}"
        if spec.environment.image not in images:
            yield (
                f"image {spec.environment.image!r}: the preparation names {_listed(images)}:"
                " need it in Preparation.images"
            )
        for asset in spec.environment.assets:
            if asset.name not in self._files:
                yield (
                    f"asset {asset.name!r}: the preparation has {_listed(self._files)}:"
                    " need it in Preparation.assets"
                )
        for one in spec.context:
            if one.sha256 not in self._documents:
                yield f"document {one.name!r}: need it, as it is, in Preparation.documents"
        for turn in spec.dialogue:
            for fault in faults(turn):
                yield f"{'.'.join(map(str, fault.place))}: {fault.message}: {fault.remedy}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(names))) or "none"


def produce(
    domain: Domain, preparation: Preparation, jobs: int
) -> Iterator[list[Product | Rejection]]:
    """Give what each unit makes, in the order of the units whatever the number of jobs.

    A sample of the units of a domain that others wrote is made once more, elsewhere.

    Raises:
        SpecError: the builder failed, or makes something else of a unit each time.
    """
    shop = partial(Shop, domain, preparation)
    results = in_order(shop, preparation.units, jobs)
    if domain.shipped:
        yield from results
        return
    with Repetition(shop, preparation.units) as again:
        for unit, made in zip(preparation.units, results, strict=True):
            again.first(unit, made)
            yield made
        again.compare(f"domain {domain.manifest.name}: produce")
