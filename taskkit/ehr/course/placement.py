"""Where a patient is: wards and intensive care, and the supports that need it."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.course.catalogue import Support
from taskkit.ehr.course.outcome import exponential
from taskkit.ehr.course.practice import Practice
from taskkit.ehr.course.rule import probability
from taskkit.ehr.course.stay import Place, Span, Stay
from taskkit.ehr.course.weaning import FAILURES, sustain

INTENSIVE = 0.92  # share of stays with intensive care; the last of a patient always has it
DIRECT, AGAIN, MOVED = 0.66, 0.16, 0.12  # at once; a second time; a change of unit
SHORTEST = 480  # minutes in intensive care
LONG_VENTILATION = 96 * 60  # minutes: the limit between the procedure codes 9671 and 9672


def place(chance: Chance, stay: Stay, practice: Practice, *, sure: bool) -> None:
    """Put a stay on wards and into units, as far as it has begun."""
    start = stay.admitted + chance.whole(1, 40)
    places: list[Place] = []
    for begin, end, number in [
        *_intensive(chance, stay, start, practice, sure=sure),
        (stay.discharged, 0, None),
    ]:
        if begin > start:
            places += _wards(chance, stay, start, begin)
        if number is not None:
            places += _units(chance, stay, begin, end, number)
            start = end
    stay.places = [part for part in places if part.start < NOW]


def _intensive(
    chance: Chance, stay: Stay, start: int, practice: Practice, *, sure: bool
) -> Iterator[tuple[int, int, int]]:
    """Begin, end and number of each stay in intensive care."""
    if not sure and chance.random() >= INTENSIVE:
        return
    room = stay.discharged - start
    wait = chance.whole(180, max(200, min(room // 4, 2 * DAY)))
    begin = start if chance.random() < DIRECT else start + wait
    if stay.current:
        begin = min(begin, NOW - 120)
    if stay.died:
        yield begin, _last(chance, stay, begin, practice), 0
        return
    end = begin + _length(chance, stay, stay.discharged - begin, practice)
    yield begin, end, 0
    left = stay.discharged - end
    if left > 2 * DAY and chance.random() < AGAIN:
        begin = end + chance.whole(DAY // 2, left // 2)
        yield begin, begin + _length(chance, stay, stay.discharged - begin, practice), 1


def _last(chance: Chance, stay: Stay, begin: int, practice: Practice) -> int:
    """When somebody who dies leaves intensive care: at death, or before it, for comfort."""
    room = (stay.discharged - begin) // 2
    if not practice.comfort or room < SHORTEST or chance.random() >= practice.comfort:
        return stay.discharged
    return stay.discharged - chance.whole(180, min(room, 3 * DAY))


def _length(chance: Chance, stay: Stay, room: int, practice: Practice) -> int:
    days = (0.6 + 2.3 * stay.severity) * exponential(0.45 * chance.normal())
    if practice.weaned:
        days = 1.9 * exponential(2.8 * (stay.severity - 0.42) + 0.36 * chance.normal())
    return max(min(int(days * DAY), int(room * 0.85)), min(SHORTEST, room - 60))


def _wards(chance: Chance, stay: Stay, start: int, end: int) -> Iterator[Place]:
    theme = stay.presentation.theme
    middle = chance.whole(start, end)
    if end - start > 3 * DAY and chance.random() < 0.3:
        yield Place(None, theme, start, middle, None, chance.random())
        yield Place(None, theme, middle, end, None, chance.random())
    else:
        yield Place(None, theme, start, end, None, chance.random())


def _units(chance: Chance, stay: Stay, start: int, end: int, number: int) -> Iterator[Place]:
    theme, unit = stay.presentation.theme, stay.presentation.unit
    if chance.random() < MOVED:
        other = "medical" if unit != "medical" else "surgical"
        middle = start + (end - start) // 3 + chance.whole(0, (end - start) // 3)
        yield Place(unit, theme, start, middle, number, chance.random())
        yield Place(other, theme, middle, end, number, chance.random())
    else:
        yield Place(unit, theme, start, end, number, chance.random())


def support(chance: Chance, stay: Stay, supports: tuple[Support, ...], practice: Practice) -> None:
    """Draw what is kept up in intensive care; each becomes a trait of the stay."""
    units = [part for part in stay.places if part.number is not None]
    for entry in supports:
        if practice.weaned and entry.name in FAILURES:
            span = sustain(chance, stay, entry, units) if units else None
        else:
            span = _kept(chance, stay, entry, units)
        if span is not None:
            _file(stay, span)


def _kept(chance: Chance, stay: Stay, entry: Support, units: list[Place]) -> Span | None:
    if chance.random() >= probability(entry.given, stay.onsets) or not units:
        return None
    cause = min(stay.onsets[trait] for trait, _ in entry.given if trait in stay.onsets)
    unit = next((part for part in units if part.end > cause + 60), units[-1])
    latest = max(part.end for part in units if part.number == unit.number)
    start = min(max(cause, unit.start) + int(entry.wait * 60 * chance.between(0.3, 1.5)), NOW)
    draw = chance.random()
    hours = entry.least + (entry.most - entry.least) * draw * draw * (0.3 + stay.severity)
    end = min(start + int(hours * 60), latest)
    return Span(entry.name, start, end) if end - start >= 60 else None


def _file(stay: Stay, span: Span) -> None:
    stay.spans.append(span)
    stay.onsets[span.name] = span.start
    if span.name == "ventilated":
        long = span.end - span.start >= LONG_VENTILATION
        stay.onsets["ventilated-long" if long else "ventilated-short"] = span.start
