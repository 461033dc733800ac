"""A question drawn from a template, and the templates by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Literal, TypeVar

from taskkit.fhir.bank.chart import Chart, mrn_of, name_of
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    IntegerAnswer,
    NumberAnswer,
    StringAnswer,
)

Item = TypeVar("Item")
TRIES = 400  # draws of a template before it is given up


class UnfitError(Exception):
    """A draw that makes no good question; another is tried."""


@dataclass(frozen=True)
class Answer:
    """The type of an answer, its value, and how far a number may be from it."""

    spec: AnswerSpec
    expected: Any
    tolerance: float = 0.0
    form: str = ""
    """What the task says of it beyond the type."""


@dataclass(frozen=True)
class Question:
    """What a template gives."""

    slots: Mapping[str, str]
    """For the wording."""
    values: Mapping[str, Any]
    """What stands before the reference program."""
    answer: Answer
    changes: tuple[dict[str, Any], ...] = ()
    """What has to change, in the form of the oracle `state`."""
    patients: tuple[str, ...] = ()
    """Ids of the patients that it is about; none for all."""
    branch: str = ""
    """Which way a decision goes: `act` or `leave`."""


@dataclass
class Draw:
    """What a template draws from."""

    chart: Chart
    chance: Random
    act: bool
    """For a decision: whether there has to be something to do."""

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.chart.now

    def pick(self, items: list[Item] | tuple[Item, ...]) -> Item:
        """One of some items.

        Raises:
            UnfitError: there is none.
        """
        if not items:
            raise UnfitError("nothing to choose from")
        return self.chance.choice(items)

    def patient(self) -> Resource:
        """Any patient."""
        return self.pick(self.chart.patients)

    def inpatient(self) -> Resource:
        """A patient in hospital."""
        patient = self.patient()
        if self.chart.stay(patient) is None:
            raise UnfitError("not in hospital")
        return patient

    def who(self, patient: Resource) -> str:
        """How a question names a patient: by number, or by name and date of birth."""
        given, family = name_of(patient)
        born, number = patient["birthDate"], mrn_of(patient)
        return self.chance.choice(
            (
                f"the patient with MRN {number}",
                f"MRN {number}",
                f"{given} {family} (born {born})",
                f"{family}, {given}, date of birth {born}",
                f"{given} {family}, DOB {born}",
            )
        )

    def said(self, one: terms.Analyte | terms.Disease | terms.Drug) -> str:
        """How clinicians call something: one of its names."""
        return self.chance.choice(one.said)

    def must(self, value: Item | None) -> Item:
        """A value that has to be there.

        Raises:
            UnfitError: it is not.
        """
        if value is None:
            raise UnfitError("not on record")
        return value

    def right(self, *, act: bool) -> None:
        """Keep a draw whose decision goes the way that is wanted.

        Raises:
            UnfitError: it goes the other way.
        """
        if act is not self.act:
            raise UnfitError("the other branch")


Template = Callable[[Draw], Question]


@dataclass(frozen=True)
class Entry:
    """A template in the bank."""

    name: str
    category: str
    make: Template
    decides: bool = field(default=False)
    """It has two branches."""


BANK: dict[str, Entry] = {}


def template(name: str, category: str, *, decides: bool = False) -> Callable[[Template], Template]:
    """Put a function into the bank."""

    def enter(make: Template) -> Template:
        assert name not in BANK
        BANK[name] = Entry(name, category, make, decides)
        return make

    return enter


def draw(entry: Entry, chart: Chart, chance: Random, *, act: bool) -> Question:
    """Draw until a question fits.

    Raises:
        UnfitError: none does.
    """
    for _ in range(TRIES):
        try:
            return entry.make(Draw(chart, chance, act))
        except UnfitError:
            continue
    raise UnfitError(f"{entry.name}: no draw of {TRIES} fits")


def named(patient: Resource) -> dict[str, Any]:
    """How a reference program knows a patient."""
    return {"mrn": mrn_of(patient)}


def number(value: float, unit: str, decimals: int, *, slack: float = 0.0) -> Answer:
    """A number in a unit; half of its last decimal is accepted beside the slack."""
    form = f"rounded to {decimals} decimals" if decimals != 1 else "rounded to 1 decimal"
    if decimals == 0:
        form = "rounded to a whole number"
    spec = NumberAnswer(kind="number", unit=unit, decimals=decimals)
    return Answer(spec, value, slack, form)


def integer(value: int) -> Answer:
    """A whole number."""
    return Answer(IntegerAnswer(kind="integer"), value)


def text(value: str) -> Answer:
    """A text."""
    return Answer(StringAnswer(kind="string"), value)


def date(moment: datetime | str, precision: Literal["day", "minute"] = "day") -> Answer:
    """A date, or a date with time in UTC."""
    if isinstance(moment, str):
        value = moment
    else:
        value = moment.strftime("%Y-%m-%d" if precision == "day" else "%Y-%m-%d %H:%M:%S")
    return Answer(DateAnswer(kind="date", precision=precision), value)


def names(values: set[str], kind: Literal["set"] = "set") -> Answer:
    """A set of texts."""
    item = StringAnswer(kind="string")
    return Answer(CollectionAnswer(kind=kind, item=item), sorted(values))
