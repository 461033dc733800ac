"""A program that differs from a reference in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from random import Random
from typing import Literal, TypeAlias
from zlib import crc32

MutationKind: TypeAlias = Literal[
    "predicate_dropped",
    "predicate_negated",
    "aggregate",
    "distinct",
    "sort",
    "limit",
    "join",
    "bound",
    "window",
    "constant",
    "arithmetic",
    "operator",
    "branch",
    "written",
    "read",
]
"""`window`: a time moved by a little; Python has `operator`, `constant`, `bound` and `branch`.

`written`, `read`: of what a program sends to a service, or takes from it.
"""
Key: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A reference with one change."""

    kind: MutationKind
    place: int
    """Number of the changed node: the same for the same query over other values."""
    variant: int
    """Number among the changes of that kind of that node."""
    about: str
    """What the change touches, in words that all queries of a template share."""
    change: str
    """What was put in place of what."""
    code: str
    values: Mapping[str, str | int | float | None] = field(default_factory=dict)
    """Of the parameters of the code."""

    @property
    def key(self) -> Key:
        """Tells it from the other mutants of its reference."""
        return self.kind, self.place, self.variant


def choose(mutants: Iterable[Mutant], count: int, salt: str) -> list[Mutant]:
    """Give at most ``count`` of them, from every kind in turn; which ones follows from ``salt``."""
    kinds: dict[str, list[Mutant]] = {}
    for one in mutants:
        kinds.setdefault(one.kind, []).append(one)
    for group in kinds.values():
        group.sort(key=lambda one: crc32(f"{salt} {one.key}".encode()))
    rounds = zip_longest(*kinds.values())
    return [one for turn in rounds for one in turn if one is not None][:count]


def sample(mutants: Iterable[Mutant], count: int, salt: str) -> list[Mutant]:
    """Give at most ``count`` of them, each as likely as any other, by ``salt``.

    Over tasks that share a program each of its mutants is tried about as often.
    """
    every = list(mutants)
    return Random(salt).sample(every, min(count, len(every)))
