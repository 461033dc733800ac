"""Command-line options made from a builder's own choices."""

from __future__ import annotations

import types
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from taskkit.errors import SpecError, UsageError

NOTHING = "all"  # how to say, on the command line, that there is no bound
SIMPLE: dict[object, click.ParamType[Any]] = {
    int: click.INT,
    float: click.FLOAT,
    str: click.STRING,
    Path: click.Path(path_type=Path),
}


def _plain(annotation: Any) -> Any:
    """Give the type that a value has where it is given: `int | None` is an int."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _option(where: str, name: str, field: FieldInfo) -> click.Option:
    kind = _plain(field.annotation)
    flag = "--" + name.replace("_", "-")
    text = " ".join((field.description or "").split())
    if kind is bool:
        off = "" if field.default is False else f"/--no-{name.replace('_', '-')}"
        return click.Option([flag + off], is_flag=True, default=field.default, help=text)
    if get_origin(kind) is Literal:
        choice: click.ParamType[Any] = click.Choice([str(one) for one in get_args(kind)])
    elif kind in SIMPLE:
        choice = SIMPLE[kind] if kind is field.annotation else _OrNone(SIMPLE[kind])
    else:
        raise SpecError(
            f"{where}.{name}: {field.annotation}: no command-line form:"
            " need a bool, int, float, str, Path or Literal, or one of these or None"
        )
    return click.Option([flag], type=choice, default=field.default, show_default=True, help=text)


class _OrNone(click.ParamType[Any]):
    """A value, or the word for having none."""

    def __init__(self, inner: click.ParamType[Any]) -> None:
        self.inner = inner
        self.name = f"{inner.name}|{NOTHING}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        return None if value == NOTHING else self.inner.convert(value, param, ctx)


def options(model: type[BaseModel], taken: Collection[str], where: str) -> list[click.Option]:
    """Give one option for each field not ``taken``; the field's docstring is its help.

    Args:
        where: What a message begins with.

    Raises:
        SpecError: a field has a type that no option can have.
    """
    fields = model.model_fields.items()
    free = [(name, field) for name, field in fields if name not in taken and _open(field)]
    return [_option(f"{where}: Options", name, field) for name, field in free]


def _open(field: FieldInfo) -> bool:
    """Say whether there is anything to choose: a `Literal` of one value settles it."""
    return not (get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1)


def chosen(model: type[BaseModel], values: dict[str, object]) -> BaseModel:
    """Make the model of what was chosen.

    Raises:
        UsageError: a value is out of range; the message names the option.
    """
    try:
        names = model.model_fields.keys() & values.keys()
        return model.model_validate({name: values[name] for name in sorted(names)})
    except ValidationError as error:
        lines = [
            f"--{str(one['loc'][0]).replace('_', '-')} {one['input']!r}: {one['msg']}"
            for one in error.errors()
        ]
        raise UsageError("; ".join(lines)) from error
