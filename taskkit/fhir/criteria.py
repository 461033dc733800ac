"""Search criteria as SQL conditions on the index."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from taskkit.fhir.errors import RefusedError, refused
from taskkit.fhir.index import label, search_text, spread
from taskkit.fhir.moment import interval
from taskkit.fhir.parameters import Kind, Parameter, parameters

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
MODIFIERS: dict[Kind, tuple[str, ...]] = {
    "token": ("not", "text", "missing"),
    "reference": ("identifier", "missing"),
    "string": ("exact", "contains", "missing"),
    "date": ("missing",),
    "quantity": ("missing",),
    "number": ("missing",),
    "uri": ("missing",),
}
"""What may stand after the name of a parameter; a reference also takes a type."""
NEAR = 0.1  # of a value, or of the distance from now, for `ap`; the advice of the R4 text
MOST_VALUES = 500  # alternatives, of all criteria of a search


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition with its values; `{part}` stands for the part of the store."""

    text: str
    values: tuple[object, ...] = ()
    drives: int = 9
    """How few rows it leaves, as a rank; the lowest leads the query."""
    table: str = ""
    """The index table whose rows it selects; empty where it stands by itself."""
    negated: bool = False


def split(text: str, sign: str) -> list[str]:
    r"""The parts of a value between signs; `\,` and the like stand for the sign itself."""
    parts = re.split(rf"(?<!\\){re.escape(sign)}", text)
    return parts


def bare(text: str) -> str:
    r"""A value without its escapes: `\,` `\|` `\$` `\\`."""
    return re.sub(r"\\([,|$\\])", r"\1", text)


def condition(parameter: Parameter, modifier: str, text: str, now: int) -> Condition:
    """The condition of a criterion, of any alternative of its value.

    Raises:
        RefusedError: the modifier or the value does not fit.
    """
    words = split(text, ",")
    if modifier == "missing":
        return missing(parameter, text)
    if not text or not all(words):
        raise refused(400, "value", f"search parameter {parameter.name!r}: need a value")
    table = TABLES[parameter.kind]
    if modifier == "text":
        table, modifier = "string", "contains"
    make = MAKERS[table]
    made = [make(parameter, modifier, word, now) for word in words]
    joined = " OR ".join(f"({one.text})" for one in made)
    values = tuple(value for one in made for value in one.values)
    return Condition(
        f"param = {parameter.number} AND ({joined})",
        values,
        min(one.drives for one in made),
        table,
        modifier == "not" or any(one.negated for one in made),
    )


def missing(parameter: Parameter, text: str) -> Condition:
    """Whether a resource has no value of a parameter."""
    if text not in ("true", "false"):
        raise refused(400, "value", f"{parameter.name}:missing={text!r}: need true or false")
    table = TABLES[parameter.kind]
    return Condition(f"param = {parameter.number}", (), 9, table, text == "true")


def token(parameter: Parameter, modifier: str, word: str, now: int) -> Condition:
    """`code`, `system|code`, `|code` or `system|`."""
    system, bar, code = word.rpartition("|")
    if bar and "|" in system.replace("\\|", ""):
        raise refused(400, "value", f"{parameter.name}={word!r}: need code or system|code")
    if not bar:
        return Condition("code = ?", (bare(word),), 4)
    if not code:
        return Condition("system = ?", (label(bare(system)),), 6)
    return Condition("code = ? AND system = ?", (bare(code), label(bare(system))), 4)


def reference(parameter: Parameter, modifier: str, word: str, now: int) -> Condition:
    """`id`, `Type/id` or a whole address."""
    parts = bare(word).split("/")
    type_ = parts[-2] if len(parts) > 1 else modifier
    if modifier and len(parts) > 1 and type_ != modifier:
        raise refused(400, "value", f"{parameter.name}:{modifier}={word!r}: need a {modifier}")
    if type_:
        return Condition("target = ? AND type = ?", (parts[-1], type_), 1)
    return Condition("target = ?", (parts[-1],), 1)


def string(parameter: Parameter, modifier: str, word: str, now: int) -> Condition:
    """The start of a text; all of it with `:exact`, any part of it with `:contains`."""
    text = bare(word)
    if modifier == "exact":
        return Condition("plain = ? AND exact = ?", (search_text(text), text), 3)
    if modifier == "contains":
        return Condition("instr(plain, ?) > 0", (search_text(text),), 7)
    start = search_text(text)
    return Condition("plain >= ? AND plain < ?", (start, f"{start}\U0010ffff"), 3)


def prefix(word: str) -> tuple[str, str]:
    """Prefix and value of an ordered criterion; without a prefix it is `eq`."""
    if word[:2] in PREFIXES:
        return word[:2], word[2:]
    return "eq", word


def date(parameter: Parameter, modifier: str, word: str, now: int) -> Condition:
    """A prefix and a date: the ranges are compared, as R4 says in its search page, 3.1.1.5.6."""
    sign, text = prefix(bare(word))
    try:
        low, high = interval(text.replace(" ", "+"))
    except ValueError as error:
        raise refused(400, "value", f"{parameter.name}: {error}") from error
    if sign == "ap":
        width = int(abs(now - low) * NEAR)
        return Condition("low <= ? AND high >= ?", (high + width, low - width), 5)
    return compared(sign, low, high)


def compared(sign: str, low: object, high: object) -> Condition:
    """The comparison of a stored range with the range of a criterion."""
    match sign:
        case "eq":
            return Condition("low >= ? AND high <= ?", (low, high), 5)
        case "ne":
            return Condition("low < ? OR high > ?", (low, high), 8)
        case "gt":
            return Condition("high > ?", (high,), 8)
        case "lt":
            return Condition("low < ?", (low,), 8)
        case "ge":
            return Condition("high > ? OR (low >= ? AND high <= ?)", (high, low, high), 8)
        case "le":
            return Condition("low < ? OR (low >= ? AND high <= ?)", (low, low, high), 8)
        case "sa":
            return Condition("low > ?", (high,), 8)
        case _:
            return Condition("high < ?", (low,), 8)


def quantity(parameter: Parameter, modifier: str, word: str, now: int) -> Condition:
    """A prefix and a number, with `|system|code` or `||unit` where the unit counts."""
    number, *unit = split(word, "|")
    sign, text = prefix(number)
    try:
        value = Decimal(text)
        if not value.is_finite():
            raise InvalidOperation
        made = measured(sign, value)
    except ArithmeticError as error:  # no number, or one whose exponent no decimal has
        raise refused(400, "value", f"{parameter.name}={word!r}: need a number") from error
    if not unit or unit == ["", ""]:
        return made
    if len(unit) != 2:
        raise refused(400, "value", f"{parameter.name}={word!r}: need number|system|code")
    system, code = (bare(part) for part in unit)
    if system:
        return Condition(
            f"({made.text}) AND system = ? AND code = ?", (*made.values, label(system), code), 6
        )
    return Condition(f"({made.text}) AND (code = ? OR unit = ?)", (*made.values, code, code), 6)


def measured(sign: str, value: Decimal) -> Condition:
    """The comparison of a number: `eq` and `ne` by the digits written, others by the value."""
    low, high = spread(value)
    exact = float(value)
    match sign:
        case "eq":
            return Condition("value >= ? AND value < ?", (low, high), 6)
        case "ne":
            return Condition("value < ? OR value >= ?", (low, high), 8)
        case "ap":
            width = abs(exact) * NEAR
            return Condition("value BETWEEN ? AND ?", (exact - width, exact + width), 6)
    signs = {"gt": ">", "sa": ">", "lt": "<", "eb": "<", "ge": ">=", "le": "<="}
    return Condition(f"value {signs[sign]} ?", (exact,), 8)


Maker = Callable[[Parameter, str, str, int], Condition]
MAKERS: dict[str, Maker] = {
    "token": token,
    "reference": reference,
    "string": string,
    "date": date,
    "quantity": quantity,
}
TABLES: dict[Kind, str] = {
    "token": "token",
    "reference": "reference",
    "string": "string",
    "date": "date",
    "quantity": "quantity",
    "number": "quantity",
    "uri": "token",
}


def known(type_: str, name: str) -> Parameter:
    """A search parameter of a type.

    Raises:
        RefusedError: the type has none of that name.
    """
    table = parameters().get(type_, {})
    if name in table:
        return table[name]
    raise unknown(type_, name)


def unknown(type_: str, name: str) -> RefusedError:
    """The refusal of a parameter that is not there, with the names that are."""
    found = sorted(parameters().get(type_, {}), key=lambda one: (one.startswith("_"), one))
    names = ", ".join(found)
    return refused(
        400,
        "not-supported",
        f"search parameter {name!r} of {type_}: not known: need one of {names}, "
        "_id, _lastUpdated, _count, _sort, _include, _revinclude, _summary, _total, _elements",
    )


def among(ids: list[str]) -> str:
    """A list of ids as one SQL value, for json_each."""
    return json.dumps(ids)
