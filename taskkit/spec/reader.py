"""YAML text to plain values: mappings, lists, text, numbers, booleans, null; nothing else.

The dialect is the part of YAML 1.2 that JSON shares. `2105-12-31`, `no` and `12:30:45` are text.
What parsers disagree on (`.5`, `0x1F`, `007`, `.nan`), tags, repeated keys and aliases that
multiply are refused, since a document must mean one thing to everybody who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from pydantic import JsonValue
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from taskkit.spec.complaint import Complaint, ComplaintCode

Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser; the one in Python where PyYAML was built without it."""

MAX_DEPTH = 64  # far below Python's recursion limit
MAX_NODES = 200_000  # with aliases expanded; a table of 10,000 rows of 19 values
MAX_DIGITS = 100  # of a whole number; Python itself stops at 4,300

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STARTS = frozenset("+-.0123456789nNtTfF~")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DISPUTED = re.compile(
    r"[-+]?(?:[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|\.inf|\.Inf|\.INF"
    r"|(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)|\.nan|\.NaN|\.NAN"
)
_INFINITE = (float("inf"), float("-inf"))


class DialectError(Exception):
    """Text that is not in the dialect."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.text("document"))
        self.complaint = complaint


def load(text: str) -> JsonValue:
    """Return the value of a text that holds one document.

    Raises:
        DialectError: the text is not YAML, or not in the dialect.
    """
    try:
        return _Builder(Parser(text)).document()
    except yaml.MarkedYAMLError as error:
        raise DialectError(_unparsed(error)) from error
    except yaml.reader.ReaderError as error:
        raise _unreadable(text, error) from error


def _unparsed(error: yaml.MarkedYAMLError) -> Complaint:
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    since = f" begun in line {begun.line + 1}" if begun and begun.line + 1 != line else ""
    context = f"{error.context}{since}" if error.context else None
    message = ": ".join(part for part in (context, error.problem) if part)
    need = "mind indentation, quotes and colons near here"
    return Complaint(line, column, "", "syntax", f"not YAML: {message}", need)


def _unreadable(text: str, error: yaml.reader.ReaderError) -> DialectError:
    """Locate a character that YAML does not allow."""
    found = re.search(yaml.reader.Reader.NON_PRINTABLE, text)
    start = found.start() if found else 0
    what = f"character {found.group()!r}" if found else str(error.reason)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    need = 'write it as "\\xNN" within double quotes'
    return DialectError(Complaint(line, column, "", "syntax", f"not YAML: {what}", need))


class _Builder:
    """Builds values from parser events; several times faster than PyYAML's constructors."""

    def __init__(self, parser: yaml.SafeLoader) -> None:
        self._next: Callable[[], Any] = parser.get_event
        self._left = MAX_NODES
        self._anchors: dict[str, tuple[JsonValue, int]] = {}

    def document(self) -> JsonValue:
        self._next()  # stream start
        if type(self._next()) is StreamEndEvent:
            return None
        value = self._value(self._next(), 0)
        self._next()  # document end
        event = self._next()
        if type(event) is not StreamEndEvent:
            raise _flaw(event, "syntax", "a second document in one file", "need one")
        return value

    def _value(self, event: Any, depth: int) -> JsonValue:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        self._left = before = self._left - 1
        if before < 0:
            raise _flaw(
                event,
                "too_large",
                f"more than {MAX_NODES} values in one document",
                "make several of it",
            )
        if event.tag is not None and event.tag != "!":
            raise _flaw(
                event,
                "syntax",
                f"tag {event.tag!r}",
                "tags are not read: quote text, write the rest plain",
            )
        value: JsonValue
        if kind is ScalarEvent:
            value = _scalar(event) if event.implicit[0] else event.value
        elif depth == MAX_DEPTH:
            raise _flaw(
                event, "too_large", f"nested more than {MAX_DEPTH} deep", "write it flatter"
            )
        elif kind is MappingStartEvent:
            value = self._mapping(depth + 1)
        else:
            value = self._sequence(depth + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, before - self._left + 1)
        return value

    def _mapping(self, depth: int) -> JsonValue:
        mapping: dict[str, JsonValue] = {}
        take = self._next
        event = take()
        while type(event) is not MappingEndEvent:
            if type(event) is not ScalarEvent:
                raise _flaw(event, "syntax", "a key that is no text", "need a name")
            key = event.value
            if key in mapping:
                raise _flaw(event, "duplicate_key", "given twice in this mapping", "keep one", key)
            if event.anchor is not None:
                self._anchors[event.anchor] = (key, 1)
            mapping[key] = self._value(take(), depth)
            event = take()
        return mapping

    def _sequence(self, depth: int) -> JsonValue:
        items: list[JsonValue] = []
        event = self._next()
        while type(event) is not SequenceEndEvent:
            items.append(self._value(event, depth))
            event = self._next()
        return items

    def _alias(self, event: Any) -> JsonValue:
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _flaw(
                event,
                "syntax",
                f"alias '*{event.anchor}'",
                f"need '&{event.anchor}' before it, and finished",
            )
        value, size = known
        self._left -= size
        if self._left < 0:
            raise _flaw(
                event,
                "too_large",
                f"aliases repeat more than {MAX_NODES} values",
                "write the document out",
            )
        return value


def _scalar(event: Any) -> JsonValue:
    """Resolve an unquoted text."""
    text: str = event.value
    if not text:
        return None
    if text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    found = _NUMBER.fullmatch(text)
    if found is None:
        if _DISPUTED.fullmatch(text):
            raise _flaw(
                event,
                "bad_value",
                f"{text[:40]} unquoted",
                "write a number as JSON does, or quote it as text",
            )
        return text
    if found[1] is None and found[2] is None:
        if len(text) > MAX_DIGITS:
            raise _flaw(
                event,
                "bad_value",
                f"a whole number of {len(text)} digits",
                f"need {MAX_DIGITS} at most",
            )
        return int(text)
    number = float(text)
    if number in _INFINITE:
        raise _flaw(
            event, "bad_value", f"{text[:40]}, beyond the largest number", "need a finite one"
        )
    return number


def _flaw(
    event: Any, code: ComplaintCode, message: str, need: str, field: str = ""
) -> DialectError:
    mark = event.start_mark
    return DialectError(Complaint(mark.line + 1, mark.column + 1, field, code, message, need))
