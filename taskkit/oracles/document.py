"""Read the answer document that an agent's program left; any bytes may come."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

MAX_BYTES = 1 << 20
MAX_DEPTH = 16  # a table is 2 deep; rows inside an object 3
MAX_DIGITS = 309  # more never fits a float, and int() of very many takes quadratic time
LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class MalformedError(ValueError):
    """Bytes that are no answer document; the message says why."""


def parse(document: bytes) -> JsonValue:
    """Give the JSON value that the bytes hold.

    Raises:
        MalformedError: too long, no UTF-8, no JSON, nested deeper than `MAX_DEPTH`, a key twice,
            a number that is not finite as a float, or half of a surrogate pair.
    """
    if len(document) > MAX_BYTES:
        raise MalformedError(f"{len(document)} bytes, at most {MAX_BYTES} are read")
    try:
        text = document.decode("utf-8")
        value: JsonValue = DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise MalformedError(f"no UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise MalformedError(f"no JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise MalformedError(f"nested deeper than {MAX_DEPTH}") from None
    check_depth(value)
    if LONE_SURROGATE.search(text):
        check_surrogates(value)
    return value


def unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Make an object of its pairs, each key once."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedError("a key stands twice in one object")
    return made


def whole(digits: str) -> int:
    """Read a whole number that is finite as a float."""
    if len(digits) > MAX_DIGITS + 1 or float(digits) in (float("inf"), float("-inf")):
        raise MalformedError("a number out of range")
    return int(digits)


def fraction(digits: str) -> float:
    """Read a number with a fraction or exponent that is finite as a float."""
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise MalformedError("a number out of range")
    return value


def refuse(constant: str) -> float:
    """Refuse NaN and Infinity, which are no JSON."""
    raise MalformedError(f"{constant} is no JSON number")


def check_depth(value: JsonValue) -> None:
    """Raise MalformedError where lists and objects are nested too deep."""
    level: list[JsonValue] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for outer in level
            if isinstance(outer, list | dict)
            for item in (outer if isinstance(outer, list) else outer.values())
            if isinstance(item, list | dict)
        ]
        if not level:
            return
    raise MalformedError(f"nested deeper than {MAX_DEPTH}")


def check_surrogates(value: JsonValue) -> None:
    """Raise MalformedError where a text holds half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("a text with half of a surrogate pair") from None


DECODER = json.JSONDecoder(
    object_pairs_hook=unique, parse_int=whole, parse_float=fraction, parse_constant=refuse
)
