"""Elements of a changed resource that an oracle asks for, and whether a resource has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from taskkit.spec.base import Many, Spec

STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\.where\(([A-Za-z.]+)='([^']*)'\))?(?:\.|$)")
GIVEN_DAILY: Mapping[str, float] = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1}
"""Codes of http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation: times a day."""
HOURS: Mapping[str, float] = {"s": 1 / 3600, "min": 1 / 60, "h": 1, "d": 24, "wk": 168}


@lru_cache(4096)
def steps(path: str) -> tuple[tuple[str, str, str], ...]:
    """The parts of a path: name, and the condition of a `where`, if any.

    Raises:
        ValueError: it is not member names with dots, and `where(path='text')`.
    """
    found, at = [], 0
    while at < len(path):
        match = STEP.match(path, at)
        if match is None:
            raise ValueError(f"path {path!r}: need names with dots, and where(path='text')")
        found.append((match[1], match[2] or "", match[3] or ""))
        at = match.end()
    return tuple(found)


def values(document: JsonValue, path: str) -> list[JsonValue]:
    """All values at a path, in document order: the plain part of FHIRPath."""
    found: list[JsonValue] = [document]
    for name, member, wanted in steps(path):
        items = [one.get(name) for one in found if isinstance(one, dict)]
        found = [item for one in items for item in (one if isinstance(one, list) else [one])]
        found = [item for item in found if item is not None]
        if member:
            found = [item for item in found if wanted in values(item, member)]
    return found


def bare_path(path: str) -> str:
    """A path without its conditions."""
    return ".".join(name for name, _, _ in steps(path))


def leaves(document: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Every value that is no object or list, with its path."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(document, list):
        for value in document:
            yield from leaves(value, path)
    else:
        yield path, document


@dataclass(frozen=True)
class Setting:
    """What an element may refer to besides its own resource."""

    created: frozenset[str] = field(default_factory=frozenset)
    """Keys of the resources that the episode created, such as `Encounter/12`."""


class CodeElement(Spec):
    """A CodeableConcept or Coding that has one of some codes."""

    kind: Literal["code"]
    path: str
    """Where it stands, as names with dots; `where(path='text')` keeps some of a list."""
    codes: Many[str] = Field(min_length=1)
    """Any one of them; another code of the system beside it is wrong."""
    system: str | None = None
    """Of the codes; other systems may say the same in their own codes."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        concepts = values(resource, self.path)
        if not concepts:
            return f"{self.path}: absent"
        for concept in concepts:
            codings = values(concept, "coding") or [concept]
            found = [
                one.get("code")
                for one in codings
                if isinstance(one, dict) and self.system in (None, one.get("system"))
            ]
            if not found or any(code not in self.codes for code in found):
                return f"{self.path}: {found}, expected {' or '.join(self.codes)} of {self.system}"
        return None


class ValueElement(Spec):
    """A text, a code, a number or a truth value."""

    kind: Literal["value"]
    path: str
    """Where it stands."""
    values: Many[JsonValue] = Field(min_length=1)
    """Any one of them, at every place that the path leads to."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = values(resource, self.path)
        if found and all(any(same(one, value) for value in self.values) for one in found):
            return None
        return f"{self.path}: {found}, expected one of {list(self.values)}"


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two plain values are equal; true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class QuantityElement(Spec):
    """A Quantity, in its unit or in another one of the same dimension."""

    kind: Literal["quantity"]
    path: str
    """Where it stands."""
    value: float
    """The number, in `unit`."""
    unit: str
    """UCUM."""
    tolerance: float = Field(default=0.0, ge=0)
    """Largest accepted difference, in `unit`, beside float noise."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = values(resource, self.path)
        if len(found) != 1 or not isinstance(found[0], dict):
            return f"{self.path}: {len(found)} quantities, expected one"
        if "comparator" in found[0]:
            return f"{self.path}: has a comparator"
        amount = converted(found[0], self.unit)
        noise = 1e-6 * abs(self.value) + 1e-9
        if amount is None or abs(amount - self.value) > self.tolerance + noise:
            return f"{self.path}: {found[0]}, expected {self.value:g} {self.unit}"
        return None


def converted(quantity: Mapping[str, JsonValue], unit: str) -> float | None:
    """The number of a Quantity in a unit; None where it has none in that dimension."""
    number, code = quantity.get("value"), quantity.get("code", quantity.get("unit"))
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return None
    if code == unit or ("code" not in quantity and str(code).casefold() == unit.casefold()):
        return float(number)
    if not isinstance(code, str):
        return None
    from taskkit.spec.units import UnitError, rescale  # pint takes a second to load

    try:
        return float(rescale(float(number), code, unit))
    except UnitError:
        return None


class ReferenceElement(Spec):
    """A reference to a resource."""

    kind: Literal["reference"]
    path: str
    """Where it stands."""
    targets: Many[str] = ()
    """Keys such as `Patient/12`; any one of them."""
    created: str | None = None
    """Or any resource of this type that the episode created."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = [
            "/".join(str(one.get("reference")).split("/_history/")[0].split("/")[-2:])
            for one in values(resource, self.path)
            if isinstance(one, dict)
        ]
        fits = set(self.targets)
        if self.created is not None:
            fits |= {one for one in setting.created if one.startswith(f"{self.created}/")}
        if found and set(found) <= fits:
            return None
        return f"{self.path}: {found}, expected {sorted(fits)}"


class MomentElement(Spec):
    """A date or time."""

    kind: Literal["moment"]
    path: str
    """Where it stands."""
    at: str
    """A FHIR date or dateTime; a date alone accepts that day at any time."""
    tolerance_s: float = Field(default=0.0, ge=0)
    """Largest accepted difference, seconds."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = values(resource, self.path)
        if len(found) == 1 and isinstance(found[0], str) and self.near(found[0]):
            return None
        return f"{self.path}: {found}, expected {self.at}"

    def near(self, text: str) -> bool:
        """Whether a text is a time near enough."""
        if "T" not in self.at:
            return text[: len(self.at)] == self.at
        try:
            given, wanted = (utc(one) for one in (text, self.at))
        except ValueError:
            return False
        return "T" in text and abs(given - wanted) <= timedelta(seconds=self.tolerance_s)


def utc(text: str) -> datetime:
    """A dateTime in UTC.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class TimingElement(Spec):
    """How often: so many times a day in any way of writing it, or once in all."""

    kind: Literal["timing"]
    path: str
    """Where the Timing stands."""
    daily: float | None = Field(default=None, gt=0)
    """Times a day."""
    once: bool = False
    """A single time: `repeat.count` 1, or one `event`."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = values(resource, self.path)
        wanted = "a single time" if self.once else f"{self.daily:g} times a day"
        if len(found) != 1 or not isinstance(found[0], dict):
            return f"{self.path}: {len(found)} timings, expected {wanted}"
        fits = single(found[0]) if self.once else near(rates(found[0]), self.daily)
        return None if fits else f"{self.path}: {found[0]}, expected {wanted}"


def single(timing: Mapping[str, JsonValue]) -> bool:
    """Whether a Timing is one time in all."""
    repeat, events = timing.get("repeat"), timing.get("event")
    if isinstance(events, list) and len(events) == 1 and repeat is None:
        return True
    if not isinstance(repeat, dict) or events is not None:
        return False
    return repeat.get("count") == 1 and repeat.get("frequency", 1) == 1


def rates(timing: Mapping[str, JsonValue]) -> list[float]:
    """Times a day that a Timing says, by its numbers and by its code; empty where it is unclear."""
    found: list[float] = []
    repeat = timing.get("repeat")
    if isinstance(repeat, dict):
        numbers = [repeat.get("frequency", 1), repeat.get("period")]
        hours = HOURS.get(str(repeat.get("periodUnit")))
        strange = set(repeat) - {"frequency", "period", "periodUnit", "timeOfDay"}
        if strange or hours is None:
            return []
        if not all(isinstance(one, (int, float)) and one for one in numbers):
            return []
        found.append(float(str(numbers[0])) * 24 / (float(str(numbers[1])) * hours))
    for coding in values(timing.get("code"), "coding"):
        if isinstance(coding, dict) and coding.get("code") in GIVEN_DAILY:
            found.append(GIVEN_DAILY[str(coding["code"])])
    return [] if "event" in timing else found


def near(found: list[float], wanted: float | None) -> bool:
    """Whether there are rates and all are the one wanted."""
    return bool(found) and all(abs(one - (wanted or 0)) < 1e-6 for one in found)


class CountElement(Spec):
    """How many values there are."""

    kind: Literal["count"]
    path: str
    """Where they stand."""
    items: int = Field(ge=0)
    """How many; 0: the element is absent."""

    def met(self, resource: JsonValue, setting: Setting) -> str | None:
        """Why the resource has it not; None where it has."""
        found = len(values(resource, self.path))
        return None if found == self.items else f"{self.path}: {found}, expected {self.items}"


Plain = (
    CodeElement
    | ValueElement
    | QuantityElement
    | ReferenceElement
    | MomentElement
    | TimingElement
    | CountElement
)
PlainElement = Annotated[Plain, Field(discriminator="kind")]


class EitherElement(Spec):
    """Groups of elements, one of which the resource has in full."""

    kind: Literal["either"]
    options: Many[Many[PlainElement]] = Field(min_length=1)
    """The groups; the first that fits is taken."""

    def chosen(self, resource: JsonValue, setting: Setting) -> tuple[Plain, ...] | None:
        """The group that the resource has; None where it has none."""
        for group in self.options:
            if all(one.met(resource, setting) is None for one in group):
                return group
        return None


Element = Annotated[Plain | EitherElement, Field(discriminator="kind")]
"""Something that a changed resource must have."""
