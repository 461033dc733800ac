"""Put values into the slots of a text."""

from __future__ import annotations

from collections.abc import Mapping

from taskkit.sql.questions.template import SLOT, Wording

Scalar = str | int | float
Value = Scalar | Wording


def literal(value: Scalar) -> str:
    """Write a value as an SQL literal."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def words(value: Value) -> str:
    """Write a value as the question says it."""
    return value.words if isinstance(value, Wording) else str(value)


def code(value: Value) -> str:
    """Write a value as the SQL says it."""
    return value.sql if isinstance(value, Wording) else literal(value)


def put(text: str, values: Mapping[str, str]) -> str:
    """Replace `{slot}` by its value, once: braces inside a value stay as they are."""
    return SLOT.sub(lambda match: values[match[1]], text)


def sentence(text: str, values: Mapping[str, str]) -> str:
    """Put values into a phrasing, and start with a capital letter.

    Lines that the document may have broken are joined; the blanks inside a value stay, since the
    data have them.
    """
    text = put(" ".join(text.split()), values)
    return text[:1].upper() + text[1:]
