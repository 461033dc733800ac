"""Families of functions: one function with switches, its inputs, and how results are compared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import product
from pkgutil import iter_modules
from random import Random
from typing import Any, get_args, get_type_hints

from taskkit.code import bank
from taskkit.code.specialise import specialised
from taskkit.oracles.comparison import Comparison

Arguments = list[Any]
"""What one call gets, in order: values that JSON can hold."""
Inputs = Callable[[Random], Arguments]
Options = Mapping[str, str]
"""The option of each switch."""


@dataclass(frozen=True)
class Family:
    """A kind of function; every combination of its switches' options is a variant."""

    function: Callable[..., Any]
    """The reference: its keyword-only parameters, typed with `Literal`, are the switches."""
    inputs: Inputs
    """Draws the arguments of one call."""
    edges: Sequence[Arguments] = ()
    """Calls that are always looked at: what is empty, smallest, or at a limit."""
    compare: Comparison = "exact"
    """How two results are compared."""
    excludes: Callable[[Options], bool] = lambda options: False
    """Says of a combination that it makes no sense."""

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.__name__

    @property
    def field(self) -> str:
        """The module that it stands in."""
        return self.function.__module__.rpartition(".")[2]

    @cached_property
    def switches(self) -> dict[str, tuple[str, ...]]:
        """The options of every switch, in order."""
        types = get_type_hints(self.function)
        names = inspect.getfullargspec(self.function).kwonlyargs
        return {name: get_args(types[name]) for name in names}

    def variants(self) -> Iterator[Variant]:
        """All combinations of options that make sense."""
        for chosen in product(*self.switches.values()):
            options = dict(zip(self.switches, chosen, strict=True))
            if not self.excludes(options):
                yield Variant(self, options)


@dataclass(frozen=True)
class Variant:
    """One function that can be asked for."""

    family: Family
    options: Options

    @property
    def name(self) -> str:
        """The family with the options, which identify the variant."""
        return " ".join([self.family.name, *self.options.values()])

    def call(self, arguments: Arguments) -> Any:
        """The reference's result; whatever it raises is raised."""
        return self.family.function(*arguments, **self.options)

    def source(self, name: str) -> str:
        """The reference as a module of its own."""
        return specialised(self.family.function, self.options, name)

    def neighbours(self) -> Iterator[Variant]:
        """The variants that differ in one switch."""
        for switch, options in self.family.switches.items():
            for option in options:
                changed = {**self.options, switch: option}
                if option != self.options[switch] and not self.family.excludes(changed):
                    yield Variant(self.family, changed)


REGISTERED: dict[str, Family] = {}


def family(
    inputs: Inputs,
    *,
    edges: Sequence[Arguments] = (),
    compare: Comparison = "exact",
    excludes: Callable[[Options], bool] = lambda options: False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as a family's reference."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        assert function.__name__ not in REGISTERED, function.__name__
        REGISTERED[function.__name__] = Family(function, inputs, edges, compare, excludes)
        return function

    return register


def families() -> dict[str, Family]:
    """Every family of the bank, by name."""
    for module in iter_modules(bank.__path__):
        import_module(f"{bank.__name__}.{module.name}")
    return dict(sorted(REGISTERED.items()))


def named(record: str) -> Variant | None:
    """Give the variant that a record names; None where the bank has no such."""
    found = families().get(record.partition(" ")[0])
    if found is None:
        return None
    return next((one for one in found.variants() if one.name == record), None)
