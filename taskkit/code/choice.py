"""Choose the calls that judge a function: they tell it from its mutants and from its neighbours."""

from __future__ import annotations

import ast
import json
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Any, cast

from pydantic import JsonValue

from taskkit.audit.python_mutants import trees
from taskkit.code.family import Arguments, Family, Variant
from taskkit.oracles.cases import Call
from taskkit.oracles.comparison import Comparison, same

POOL = 160  # inputs that variants are compared on
MORE = 400  # inputs beside them, for mutants that none of those tells
HIDDEN = 32  # hidden calls at least
MOST = 60  # hidden calls at most
EDGES = 6  # calls at limits that are taken whether they tell anything or not
MUTANT_S = 0.05  # CPU seconds of a mutant over the pool; a reference takes a tenth of it
SHOWN = 400  # characters of a call that is shown
ENCODED = json.JSONEncoder(allow_nan=False).encode
TRIVIAL: tuple[JsonValue, ...] = (None, 0, "", [], {}, False)

Outcome = tuple[str, JsonValue]
"""`value` and the result, or `raised` and the name of the exception."""


@dataclass(frozen=True)
class Chosen:
    """The calls of a task, and what they were chosen by."""

    visible: tuple[Call, ...]
    hidden: tuple[Call, ...]
    mutants: int
    killed: int
    """Mutants that a hidden call tells; no input of the pool tells any other one."""


class LateError(BaseException):
    """A mutant that does not end."""


def pool(family: Family, size: int) -> list[Arguments]:
    """Inputs of a family, each once: its edges, then drawn ones; the same every time."""
    chance = Random(f"pool:{family.name}")
    drawn = [*map(list, family.edges), *(family.inputs(chance) for _ in range(size))]
    return list({json.dumps(one): one for one in drawn}.values())


def outcome(variant: Variant, arguments: Arguments) -> Outcome:
    """What the reference makes of an input; only ValueError is meant to be raised."""
    try:
        return "value", as_json(variant.call(copied(arguments)))
    except ValueError as error:
        return "raised", type(error).__name__


def copied(arguments: Arguments) -> Arguments:
    """The same arguments, for a call that may change them."""
    if any(isinstance(one, list | dict) for one in arguments):
        return cast(Arguments, json.loads(ENCODED(arguments)))
    return arguments


def as_json(value: Any) -> JsonValue:
    """A result as JSON has it.

    Raises:
        TypeError: it is none.
    """
    if isinstance(value, str | int | None):
        return value
    return cast(JsonValue, json.loads(ENCODED(value)))


def agree(compare: Comparison, one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes are the same to the oracle."""
    if one[0] != other[0] or one[0] == "raised":
        return one == other
    return same(compare, one[1], other[1])


def distance(compare: Comparison, one: Sequence[Outcome], other: Sequence[Outcome]) -> float:
    """The share of inputs on which two functions differ."""
    return sum(not agree(compare, a, b) for a, b in zip(one, other, strict=True)) / len(one)


class Chooser:
    """Chooses calls for the variants of one family."""

    def __init__(self, family: Family) -> None:
        """Draw the pool."""
        self.family = family
        self.pool = pool(family, POOL + MORE)
        self._common = len(pool(family, POOL))
        self._outcomes: dict[str, list[Outcome]] = {}

    def outcomes(self, variant: Variant) -> list[Outcome]:
        """What a variant makes of the inputs that all variants are compared on."""
        if variant.name not in self._outcomes:
            inputs = self.pool[: self._common]
            self._outcomes[variant.name] = [outcome(variant, one) for one in inputs]
        return self._outcomes[variant.name]

    def choose(self, variant: Variant, source: str, name: str, chance: Random) -> Chosen:
        """Choose the calls for a variant.

        Args:
            source: The reference as a module.
            name: Of the function in it.
        """
        right = self.outcomes(variant)
        shown = self._shown(right, chance)
        right = right + [outcome(variant, one) for one in self.pool[self._common :]]
        left = [at for at in range(self._common) if at not in shown]
        edges = len(self.family.edges)
        picked = [at for at in left if at < edges][:EDGES]
        order = picked + chance.sample(left, len(left))
        more = range(self._common, len(self.pool))
        for other in variant.neighbours():
            self._pick(picked, order, right, self.outcomes(other), 2)
        tried = killed = 0
        for wrong in self._mutants(source, name, right, picked, [*order, *more]):
            tried += 1
            killed += wrong is not None
        self._fill(picked, order, right)
        calls = [self._call(at, right[at]) for at in [*shown, *picked[:MOST]]]
        return Chosen(tuple(calls[: len(shown)]), tuple(calls[len(shown) :]), tried, killed)

    def _shown(self, right: Sequence[Outcome], chance: Random) -> list[int]:
        """Two calls with different results that say something, where there are such."""
        drawn = range(len(self.family.edges), self._common)
        order = chance.sample(drawn, len(drawn))
        order.sort(key=lambda at: right[at][0] != "value" or right[at][1] in TRIVIAL)
        order.sort(key=lambda at: len(json.dumps(self.pool[at])) > SHOWN)
        first = order[0]
        second = next((at for at in order if right[at] != right[first]), order[1])
        return [first, second]

    def _pick(
        self,
        picked: list[int],
        order: Sequence[int],
        right: Sequence[Outcome],
        wrong: Sequence[Outcome],
        times: int,
    ) -> None:
        """Pick calls that tell another variant, until several do."""
        compare = self.family.compare
        told = sum(not agree(compare, right[at], wrong[at]) for at in picked)
        for at in order:
            if told >= times:
                return
            if at not in picked and not agree(compare, right[at], wrong[at]):
                picked.append(at)
                told += 1

    def _mutants(
        self,
        source: str,
        name: str,
        right: Sequence[Outcome],
        picked: list[int],
        order: Sequence[int],
    ) -> Iterator[int | None]:
        """Give, for each mutant, the input that tells it; one is picked where none was so far."""
        for tree in trees(source):
            with limited():
                told = self._told(tree, name, right, picked, order)
            if told is not None and told not in picked:
                picked.append(told)
            yield told

    def _told(
        self,
        tree: ast.Module,
        name: str,
        right: Sequence[Outcome],
        picked: Sequence[int],
        order: Sequence[int],
    ) -> int | None:
        at = order[0]
        try:
            scope: dict[str, Any] = {"__name__": "mutant"}
            exec(compile(tree, "mutant", "exec"), scope)  # noqa: S102 # of our own reference
            for at in dict.fromkeys([*picked, *order]):
                try:
                    got: Outcome = "value", as_json(scope[name](*copied(self.pool[at])))
                except ValueError as error:
                    got = "raised", type(error).__name__
                if not agree(self.family.compare, right[at], got):
                    return at
        except LateError:
            return at
        except Exception:  # whatever a mutant raises is no result
            return at
        return None

    def _fill(self, picked: list[int], order: Sequence[int], right: Sequence[Outcome]) -> None:
        """Pick more calls until there are enough, of the rarest outcome so far each time."""
        counts = Counter(ENCODED(right[at]) for at in picked)
        left: dict[str, list[int]] = {}
        for at in dict.fromkeys(order):
            if at not in picked:
                left.setdefault(ENCODED(right[at]), []).append(at)
        while left and len(picked) < HIDDEN:
            rarest = min(left, key=lambda key: counts[key])
            picked.append(left[rarest].pop(0))
            counts[rarest] += 1
            if not left[rarest]:
                del left[rarest]

    def _call(self, at: int, outcome: Outcome) -> Call:
        arguments = json.dumps(self.pool[at])
        kind, said = outcome
        if kind == "raised":
            return Call(arguments=arguments, raises=str(said))
        return Call(arguments=arguments, expected=json.dumps(said))


@contextmanager
def limited() -> Iterator[None]:
    """Raise `LateError` inside, once it took too much CPU."""

    def late(number: int, frame: FrameType | None) -> None:
        raise LateError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, MUTANT_S)
    try:
        yield
    except LateError:  # between the mutant's end and that of its time
        return
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
