"""Ways to compare a result with the expected one; both are values as JSON has them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import JsonValue

Comparison = Literal["exact", "float", "unordered", "lines", "numbers", "fasta", "tree"]
"""`exact`: equal, numbers by value; `float`: numbers within a tolerance; `unordered`: lists in any
order; `lines`: text by lines, without blanks at their ends; `numbers`: text by words, numbers in
a tolerance; `fasta`: records, however they are wrapped; `tree`: Newick, however siblings are
ordered."""

ABSOLUTE = 1e-9  # accepted difference of numbers, for those near 0
RELATIVE = 1e-6  # accepted difference as a share of the expected number: float noise
LOOSE = 1e-3  # the same for numbers in a text, and for lengths of branches: both are rounded
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def same(how: Comparison, expected: JsonValue, given: JsonValue) -> bool:
    """Whether a result is the expected one."""
    return COMPARERS[how](expected, given)


def exact(expected: JsonValue, given: JsonValue) -> bool:
    """Equal in type and value; 1 and 1.0 are one number, and true is none."""
    return _alike(expected, given, lambda one, other: one == other)


def near(expected: JsonValue, given: JsonValue) -> bool:
    """Equal, but for float noise in numbers."""
    return _alike(expected, given, lambda one, other: _close(one, other, RELATIVE))


def unordered(expected: JsonValue, given: JsonValue) -> bool:
    """Equal when every list is sorted."""
    return exact(_sorted(expected), _sorted(given))


def lines(expected: JsonValue, given: JsonValue) -> bool:
    """The same lines of text; blanks at their ends and empty lines at the end do not count."""
    if not isinstance(expected, str) or not isinstance(given, str):
        return exact(expected, given)
    return _lines(expected) == _lines(given)


def numbers(expected: JsonValue, given: JsonValue) -> bool:
    """The same words of text in order, numbers near enough."""
    if not isinstance(expected, str) or not isinstance(given, str):
        return near(expected, given)
    wanted, found = expected.split(), given.split()
    return len(wanted) == len(found) and all(map(_word, wanted, found))


def fasta(expected: JsonValue, given: JsonValue) -> bool:
    """The same FASTA records in order."""
    if not isinstance(expected, str) or not isinstance(given, str):
        return exact(expected, given)
    return _records(expected) == _records(given)


def tree(expected: JsonValue, given: JsonValue) -> bool:
    """The same rooted tree: names, and lengths where there are any; siblings in any order."""
    if not isinstance(expected, str) or not isinstance(given, str):
        return exact(expected, given)
    try:
        return _same_node(_node(expected), _node(given))
    except (ValueError, IndexError, RecursionError):
        return _lines(expected) == _lines(given)


COMPARERS: Mapping[Comparison, Callable[[JsonValue, JsonValue], bool]] = {
    "exact": exact,
    "float": near,
    "unordered": unordered,
    "lines": lines,
    "numbers": numbers,
    "fasta": fasta,
    "tree": tree,
}


def _alike(one: JsonValue, other: JsonValue, equal: Callable[[float, float], bool]) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return equal(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _alike(a, b, equal) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[k], other[k], equal) for k in one)
    return isinstance(one, str) and isinstance(other, str) and one == other


def _close(expected: float, given: float, share: float) -> bool:
    return abs(expected - given) <= max(ABSOLUTE, share * abs(expected))


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    return float(value) if type(value) is int else value


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def _word(expected: str, given: str) -> bool:
    if NUMBER.fullmatch(expected) and NUMBER.fullmatch(given):
        if "." not in expected and "e" not in expected.lower():
            return float(expected) == float(given)  # a count is no measurement
        return _close(float(expected), float(given), LOOSE)
    return expected == given


def _records(text: str) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith(">"):
            made.append((line[1:].strip(), ""))
        elif made:
            made[-1] = (made[-1][0], made[-1][1] + "".join(line.split()))
        elif line.strip():
            made.append(("\0", line))  # text before the first record: equal to no good FASTA
    return made


Node = tuple[str, float | None, list[Any]]


def _node(newick: str) -> Node:
    """Read one tree; ValueError where the text is none."""
    text = newick.strip()
    if not text.endswith(";"):
        raise ValueError("no semicolon at the end")
    made, at = _read(text, 0)
    if text[at:] != ";":
        raise ValueError("more than one tree")
    return made


def _read(text: str, at: int) -> tuple[Node, int]:
    children: list[Any] = []
    if text[at] == "(":
        while text[at] in "(,":
            child, at = _read(text, at + 1)
            children.append(child)
        if text[at] != ")":
            raise ValueError("a parenthesis that is not closed")
        at += 1
    end = at
    while text[end] not in "(),;":
        end += 1
    name, colon, length = text[at:end].partition(":")
    return (name.strip(), float(length) if colon else None, children), end


def _leaves(node: Node) -> list[str]:
    return [node[0]] if not node[2] else sorted(name for one in node[2] for name in _leaves(one))


def _same_node(one: Node, other: Node) -> bool:
    if one[0] != other[0] or (one[1] is None) != (other[1] is None):
        return False
    if one[1] is not None and other[1] is not None and not _close(one[1], other[1], LOOSE):
        return False
    if len(one[2]) != len(other[2]):
        return False
    pairs = zip(sorted(one[2], key=_leaves), sorted(other[2], key=_leaves), strict=True)
    return all(_same_node(*pair) for pair in pairs)
