"""What a calculator takes, read from its signature, and the check it does before it computes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import MISSING, fields, is_dataclass
from dataclasses import dataclass as frozen
from datetime import date
from difflib import get_close_matches
from functools import cache, wraps
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    ParamSpec,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from taskkit.spec.quantity import Quantity

P = ParamSpec("P")
R = TypeVar("R")
Kind = Literal["quantity", "boolean", "choice", "date", "findings", "record", "records"]


@frozen(frozen=True)
class Input:
    """One argument of a calculator."""

    name: str
    kind: Kind
    quantity: Quantity | None = None
    """Unit and range, of kind `quantity`."""
    choices: tuple[str, ...] = ()
    """The words that may be given, of kind `choice` and `findings`."""
    record: type | None = None
    """The frozen dataclass that holds the values, of kind `record` and `records`."""
    optional: bool = False

    def check(self, value: object) -> None:
        """Refuse a value that no patient can have.

        Raises:
            ValueError: What the value is and what is needed.
        """
        if value is None and self.optional:
            return
        name = self.name.replace("_", " ")
        if self.kind == "quantity":
            assert self.quantity is not None
            self.quantity.check(value, name)
        elif self.kind == "boolean" and not isinstance(value, bool):
            raise ValueError(f"{name} {value!r}: need true or false")
        elif self.kind == "date" and type(value) is not date:
            raise ValueError(f"{name} {value!r}: need a date")
        elif self.kind == "choice":
            one_of(name, value, self.choices)
        elif self.kind == "findings":
            several_of(name, value, self.choices)
        elif self.record is not None:
            records(name, value, self.record, many=self.kind == "records")


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a word that is not among `choices`, naming the nearest."""
    if value in choices:
        return
    near = get_close_matches(str(value).lower(), choices, 1)
    hint = f", such as {near[0]!r}" if near else ""
    raise ValueError(f"{name} {value!r}: need one of {', '.join(choices)}{hint}")


def several_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse anything but a collection of distinct words, each among `choices`."""
    if isinstance(value, str) or not isinstance(value, Collection):
        raise ValueError(f"{name} {value!r}: need a collection of words")
    for word in value:
        one_of(name, word, choices)
    if len(set(value)) < len(value):
        raise ValueError(f"{name} {value!r}: need each word once")


def records(name: str, value: object, record: type, *, many: bool) -> None:
    """Refuse anything but the record, or one or more of them."""
    found = list(value) if many and isinstance(value, Sequence) else [value]
    if not found or not all(isinstance(item, record) for item in found):
        raise ValueError(f"{name} {value!r}: need {'one or more ' * many}{record.__name__}")


@cache
def inputs(calculator: Callable[..., Any]) -> tuple[Input, ...]:
    """Give the arguments of a calculator, or the fields of a record, in their order."""
    if isinstance(calculator, type) and is_dataclass(calculator):
        hints = get_type_hints(calculator, include_extras=True)
        return tuple(
            describe(field.name, hints[field.name], optional=field.default is not MISSING)
            for field in fields(calculator)
        )
    hints = get_type_hints(calculator, include_extras=True)
    return tuple(
        describe(name, hints[name], optional=parameter.default is not parameter.empty)
        for name, parameter in inspect.signature(calculator).parameters.items()
    )


def describe(name: str, hint: Any, *, optional: bool) -> Input:
    """Give the input that a type hint stands for."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        (quantity,) = (extra for extra in args[1:] if isinstance(extra, Quantity))
        return Input(name, "quantity", quantity=quantity, optional=optional)
    if origin is Literal:
        return Input(name, "choice", choices=args, optional=optional)
    if origin is Collection:
        return Input(name, "findings", choices=get_args(args[0]), optional=optional)
    if origin is Sequence:
        return Input(name, "records", record=args[0], optional=optional)
    kinds: dict[Any, Kind] = {bool: "boolean", date: "date"}
    if hint in kinds:
        return Input(name, kinds[hint], optional=optional)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return Input(name, "record", record=hint, optional=optional)
    raise TypeError(f"{name}: {hint!r} is no input of a calculator")


def checked(calculator: Callable[P, R]) -> Callable[P, R]:
    """Make a function refuse, before it computes, what its signature does not allow."""
    signature = inspect.signature(calculator)

    @wraps(calculator)
    def refusing(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        for item in inputs(calculator):
            if item.name in given.arguments:
                item.check(given.arguments[item.name])
        return calculator(*args, **kwargs)

    return refusing


class Record:
    """Base of the frozen dataclasses that hold the inputs of a calculator with many."""

    def __post_init__(self) -> None:
        """Refuse a field that no patient can have.

        Raises:
            ValueError: What the value is and what is needed.
        """
        for item in inputs(cast(Callable[..., Any], type(self))):
            item.check(getattr(self, item.name))
