"""Where a patient is during a visit: wards, intensive care, and the moves between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.synthetic.patients import Visit
from taskkit.ehr.synthetic.vocabulary import GENERAL, Vocabulary, Ward, by_theme

INTENSIVE, DIRECT, SECOND = 0.88, 0.6, 0.2  # shares of visits with intensive care; at once; twice
MOVED = 0.14  # share of stays in intensive care with a change of unit
SHORTEST, LONGEST = 480, 6 * DAY  # minutes in intensive care


@dataclass(frozen=True, slots=True)
class Leg:
    """Time on one ward, in minutes; `end` may lie after the current time."""

    ward: Ward
    start: int
    end: int
    stay: int | None
    """Which stay in intensive care it is part of, counted from 0 within the visit."""


class Hospital:
    """Puts visits on wards."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Sort the wards by kind and theme."""
        self._wards = {
            intensive: by_theme(
                [ward for ward in vocabulary.wards if (ward.careunit is not None) == intensive],
                lambda ward: ward.themes,
                lambda ward: ward.weight,
            )
            for intensive in (True, False)
        }

    def legs(self, chance: Chance, visit: Visit) -> list[Leg]:
        """Give the legs of a visit that have begun, one after the other."""
        legs: list[Leg] = []
        start = visit.admitted + chance.whole(1, 40)
        for begin, end, stay in [*_intensive(chance, visit, start), (visit.discharged, 0, None)]:
            if begin > start:
                legs += self._ward(chance, visit, start, begin)
            if stay is not None:
                legs += self._unit(chance, visit, begin, end, stay)
                start = end
        return [leg for leg in legs if leg.start < NOW]

    def _draw(self, chance: Chance, visit: Visit, *, intensive: bool) -> Ward:
        wards = self._wards[intensive]
        theme = max(visit.severity, key=lambda name: visit.severity[name])
        return wards.get(theme, wards[GENERAL]).draw(chance)

    def _ward(self, chance: Chance, visit: Visit, start: int, end: int) -> Iterator[Leg]:
        first = self._draw(chance, visit, intensive=False)
        middle = chance.whole(start, end)
        if end - start > 3 * DAY and chance.random() < 0.3:
            second = self._draw(chance, visit, intensive=False)
            if second != first:
                yield Leg(first, start, middle, None)
                yield Leg(second, middle, end, None)
                return
        yield Leg(first, start, end, None)

    def _unit(self, chance: Chance, visit: Visit, start: int, end: int, stay: int) -> Iterator[Leg]:
        first = self._draw(chance, visit, intensive=True)
        second = self._draw(chance, visit, intensive=True)
        if chance.random() < MOVED and second != first:
            middle = start + (end - start) // 3 + chance.whole(0, (end - start) // 3)
            yield Leg(first, start, middle, stay)
            yield Leg(second, middle, end, stay)
        else:
            yield Leg(first, start, end, stay)


def _intensive(chance: Chance, visit: Visit, start: int) -> Iterator[tuple[int, int, int]]:
    """Give begin, end and number of each stay in intensive care."""
    if chance.random() >= INTENSIVE:
        return
    wait = chance.whole(200, (visit.discharged - start) // 4)
    begin = start if chance.random() < DIRECT else start + wait
    end = begin + _hours(chance, visit.discharged - begin)
    if visit.died:
        yield begin, visit.discharged, 0
        return
    yield begin, end, 0
    left = visit.discharged - end
    if left > 2 * DAY and chance.random() < SECOND:
        begin = end + chance.whole(DAY // 2, left // 2)
        yield begin, begin + _hours(chance, visit.discharged - begin), 1


def _hours(chance: Chance, room: int) -> int:
    share = chance.between(0.15, 0.7)
    return max(min(int(room * share), LONGEST), min(SHORTEST, room - 60))
