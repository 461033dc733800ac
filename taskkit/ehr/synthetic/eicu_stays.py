"""When a synthetic patient is in intensive care, and what is entered at the bedside there."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY, NOW
from taskkit.ehr.course.stay import Place
from taskkit.ehr.synthetic.eicu_words import House
from taskkit.ehr.synthetic.patients import Visit
from taskkit.ehr.synthetic.stays import Leg
from taskkit.ehr.synthetic.vocabulary import GENERAL, Procedure, Ward, by_theme

UNIT_COUNTS = Weighted([(1, 66), (2, 24), (3, 10)])
DIRECT, AT_ONCE, LAST = 0.7, 0.6, 0.85
# shares of first units entered on admission; of changes of unit without time on a ward between;
# of current patients who are in the unit, and not on a ward after it
LEAST = 360  # minutes in a unit
AGAIN = 0.3  # share of diagnoses and treatments that are entered again on a later day


def unit_stays(chance: Chance, visit: Visit, house: House) -> list[Leg]:
    """Give the stays in units during a hospital stay that have begun; one at least."""
    start = visit.admitted + chance.whole(5, 300)
    if chance.random() >= DIRECT:
        start += chance.whole(0, (visit.discharged - start) // 4)
    start = min(start, NOW - 60)
    legs: list[Leg] = []
    for number in range(UNIT_COUNTS.draw(chance)):
        room = visit.discharged - start
        if legs and room < 2 * LEAST:
            break
        end = start + min(max(LEAST, int(room * chance.between(0.2, 0.75))), room)
        legs.append(Leg(_unit(chance, visit, house), start, end, number))
        start = end if chance.random() < AT_ONCE else end + chance.whole(30, 60 + room // 5)
    legs = [leg for leg in legs if leg.start < NOW]
    last = legs[-1]
    if visit.died or (visit.current and chance.random() < LAST):
        legs[-1] = Leg(last.ward, last.start, visit.discharged, last.stay)
    return legs


def _unit(chance: Chance, visit: Visit, house: House) -> Ward:
    theme = max(visit.severity, key=lambda name: visit.severity[name])
    return house.units.get(theme, house.units[GENERAL]).draw(chance)


def entries(chance: Chance, leg: Leg | Place) -> Iterator[int]:
    """Give the minutes at which something that a patient has is entered during a unit stay."""
    until = min(leg.end, NOW)
    minute = leg.start + int((until - leg.start) * chance.random() * chance.random())
    while minute <= until:
        yield minute
        if chance.random() >= AGAIN:
            return
        minute += chance.whole(DAY // 2, 2 * DAY)


class Treatments:
    """Draws what is done in a unit."""

    def __init__(self, treatments: tuple[Procedure, ...]) -> None:
        """Sort the treatments by theme."""
        self._treatments = by_theme(treatments, lambda t: t.themes, lambda t: t.weight)

    def given(self, chance: Chance, visit: Visit, leg: Leg) -> list[Procedure]:
        """Give the treatments of a unit stay, each once."""
        days = min(4, (leg.end - leg.start) // DAY)
        found = self._treatments[GENERAL].several(chance, chance.whole(2, 4) + days)
        for theme, badness in visit.severity.items():
            found += self._treatments[theme].several(chance, int(4 * badness + chance.random()))
        return list(dict.fromkeys(found))
