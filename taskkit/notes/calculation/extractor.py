"""Read a calculator's inputs back from a note, by rules, without a look at what wrote it.

A sentence with another day's date, or about a relative, says nothing of the patient today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from taskkit.calculation.calculators.calculator import Input
from taskkit.calculation.calculators.catalogue import Calculator
from taskkit.notes.calculation.patient import Opioid, Reading, Said
from taskkit.notes.calculation.patterns import (
    CHOICES,
    DRUGS,
    MEASURES,
    NEGATION,
    OPPOSITES,
    RELATIVE,
    SIGNS,
    STATED,
    UNITS,
)

MONTHS = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DAY = re.compile(rf"(\d{{4}}-\d\d-\d\d)|(\d{{1,2}} {MONTHS} \d{{4}})|({MONTHS} \d{{1,2}}, \d{{4}})")
BREAK = re.compile(r"(?<=\.)\s+|\n+")
UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
VALUE = rf"[^\d,;/]{{0,24}}?(-?\d+(?:\.\d+)?)(?![\d/.-]\d)\s*({UNIT})?(?![\w/^])"
PRESSURE = re.compile(r"blood pressure[^\d]{0,24}(\d+)/(\d+) mmHg", re.IGNORECASE)
AGE = re.compile(r"(\d+)-year-old|aged (\d+) years|(\d+) years old")
STEROIDS = (
    "betamethasone|hydrocortisone|cortisone|dexamethasone|methylprednisolone"
    "|prednisolone|prednisone|triamcinolone"
)
GIVEN = re.compile(rf"(\d+(?:\.\d+)?) mg of ({STEROIDS})")
PLANNED = re.compile(rf"(?:switched|change) to ({STEROIDS})")
PERIOD = re.compile(r"last menstrual period", re.IGNORECASE)


class UnreadableError(ValueError):
    """A note that does not say an input, or says two things of it."""


def read(note: str, calculator: Calculator) -> dict[str, Said]:
    """Give what a note says of a calculator's inputs.

    Raises:
        UnreadableError: An input is not there, or is there twice and differs.
    """
    sentences = [part.strip() for part in BREAK.split(note) if part.strip()]
    today = days(sentences[0])[:1]
    if not today:
        raise UnreadableError("no date at the beginning")
    current = [one for one in sentences if is_current(one, today[0])]
    said: dict[str, Said] = {}
    for item in calculator.inputs:
        value = find(item, current, sentences, today[0])
        if value is not None:
            said[item.name] = value
        elif not item.optional:
            raise UnreadableError(f"{item.name}: not in the note")
    return said


def days(sentence: str) -> list[date]:
    """Give the dates in a sentence."""
    found = []
    for iso, first, last in DAY.findall(sentence):
        form = "%Y-%m-%d" if iso else "%d %B %Y" if first else "%B %d, %Y"
        found.append(datetime.strptime(iso or first or last, form).date())
    return found


def is_current(sentence: str, today: date) -> bool:
    """Say whether a sentence is about the patient on the day of the note."""
    return not RELATIVE.search(sentence) and all(day == today for day in days(sentence))


def find(item: Input, current: list[str], sentences: list[str], today: date) -> Said | None:
    """Give what the sentences say of one input; None where they do not."""
    if item.name == "age":
        return agreed(item, ages(current))
    if item.name == "sex":
        return agreed(item, sexes(current))
    if item.name in ("steroid", "dose", "target"):
        return agreed(item, steroids(item.name, current))
    if item.name == "today":
        return today
    if item.name == "last_period":
        return agreed(item, [days(one)[0] for one in sentences if PERIOD.search(one)])
    if item.kind == "quantity":
        return agreed(item, list(readings(item.name, current)))
    if item.kind == "records":
        return tuple(opioids(current))
    if item.kind == "boolean":
        return holds(item.name, current)
    if item.kind == "findings":
        return frozenset(name for name in item.choices if holds(name, current))
    return agreed(item, [one for text in current for one in graded(item, text)])


def agreed(item: Input, values: list[Said]) -> Said | None:
    """Give the one value that all say; a measurement is said once.

    Raises:
        UnreadableError: They differ, or a measurement stands twice.
    """
    if len(set(values)) > 1 or (item.kind == "quantity" and len(values) > 1):
        raise UnreadableError(f"{item.name}: {values}: need one")
    return values[0] if values else None


def ages(sentences: list[str]) -> list[Said]:
    """Give the ages that are said."""
    found = (match for one in sentences for match in AGE.finditer(one))
    return [Reading(next(group for group in match.groups() if group), "a") for match in found]


def sexes(sentences: list[str]) -> list[Said]:
    """Give the sexes that are said."""
    text = " ".join(sentences).lower()
    women = re.search(r"\b(woman|female|girl)\b", text)
    men = re.search(r"\b(man|male|boy)\b", text)
    return [*(["female"] if women else []), *(["male"] if men else [])]


def steroids(name: str, sentences: list[str]) -> list[Said]:
    """Give a steroid, its dose, or the one that is planned."""
    text = " ".join(sentences)
    if name == "target":
        return list(PLANNED.findall(text))
    given = GIVEN.findall(text)
    return [Reading(dose, "mg") if name == "dose" else drug for dose, drug in given]


def readings(name: str, sentences: list[str]) -> Iterator[Said]:
    """Give each reading of a measurement."""
    for one in sentences:
        if name in ("systolic", "diastolic"):
            for pair in PRESSURE.findall(one):
                yield Reading(pair[name == "diastolic"], "mm[Hg]")
            continue
        for number, unit in re.findall(rf"(?i:\b(?:{MEASURES[name]}))\b{VALUE}", one):
            yield Reading(number, UNITS[unit] if unit else MEASURELESS.get(name, "1"))


MEASURELESS = {"ph": "[pH]"}
"""Unit of what is written without one, other than 1."""


def opioids(sentences: list[str]) -> Iterator[Opioid]:
    """Give each prescription."""
    text = " ".join(sentences)
    for match in DRUGS.finditer(text):
        times = match["times"]
        yield Opioid(match["drug"], match["dose"], int(times) if times else 1)
    for dose in re.findall(r"fentanyl patch of (\d+(?:\.\d+)?) µg/h", text):
        yield Opioid("fentanyl patch", dose, 1)


def holds(name: str, sentences: list[str]) -> bool:
    """Say whether a finding is there; one that is not mentioned is not.

    Raises:
        UnreadableError: It is said to be there, and not to be.
    """
    if name in STATED:
        yes, no = STATED[name]
        votes = {True for one in sentences if yes.search(one)}
        votes |= {False for one in sentences if no.search(one)}
    else:
        votes = {not NEGATION.search(one) for one in sentences if SIGNS[name].search(one)}
        if name in OPPOSITES:
            votes = {not vote for vote in votes} or {True}
    if len(votes) > 1:
        raise UnreadableError(f"{name}: said to be there, and not to be")
    return votes == {True}


def graded(item: Input, sentence: str) -> list[Said]:
    """Give the words of a choice that a sentence says."""
    patterns = CHOICES[item.name]
    return [word for word, pattern in patterns.items() if pattern.search(sentence)]
