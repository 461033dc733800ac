"""Which tests are done when, what they read, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY
from taskkit.ehr.course.catalogue import Analyte, Catalogue, Panel, Reaction
from taskkit.ehr.course.physiology import Body, read
from taskkit.ehr.course.rule import probability
from taskkit.ehr.course.stay import Result, Span, Stay

MISSING = 0.07  # share of results that were not reported: haemolysed, clotted, too little
LATE = 0.03  # share of results that are added on later
COMPLETE = 0.97  # share of a panel's tests that are asked for
NEVER, NEVER_MOST = 0.008, 0.12  # share of stays without a test, more for each line of its table
EVENING = 0.6  # share of days in intensive care with a second draw
GAS = "gas"
MORNING = 5 * 60  # minutes after midnight


class Laboratory:
    """Orders panels, reads them from the body, and reacts."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Sort the panels and the reactions."""
        self._panels = catalogue.panels
        self._gas = next(panel for panel in catalogue.panels if panel.name == GAS)
        self._reactions, self._products = catalogue.reactions, catalogue.products
        self._names = list(catalogue.analytes)

    def work(self, chance: Chance, stay: Stay, body: Body) -> list[tuple[int, Reaction]]:
        """File the results of a stay; give when they asked for a drug, and for which.

        Blood products are given at once: they become traits and spans of the stay.
        """
        reacted: list[tuple[int, Reaction]] = []
        never = {
            name
            for place, name in enumerate(self._names)
            if chance.random() < min(NEVER * (place + 0.5), NEVER_MOST)
        }
        for minute, routine in _times(chance, stay):
            body.advance(minute)
            panels = self._ordered(chance, stay, minute, routine=routine)
            for panel in panels:
                analysed = minute + chance.whole(0, 3)  # analysers finish minutes apart
                for analyte in panel.analytes:
                    if chance.random() < COMPLETE and analyte.name not in never:
                        self._file(chance, stay, body, analyte, analysed, reacted)
        stay.results.sort(key=lambda result: result.minute)
        return reacted

    def _ordered(
        self, chance: Chance, stay: Stay, minute: int, *, routine: bool
    ) -> Iterator[Panel]:
        if not routine:
            yield self._gas
            return
        traits = {trait for trait, onset in stay.onsets.items() if onset <= minute}
        arriving = minute < stay.admitted + 180
        for panel in self._panels:
            wanted = probability(panel.given, traits)
            if chance.random() < (max(panel.first, wanted) if arriving else wanted):
                yield panel

    def _file(
        self,
        chance: Chance,
        stay: Stay,
        body: Body,
        analyte: Analyte,
        minute: int,
        reacted: list[tuple[int, Reaction]],
    ) -> None:
        draw = chance.random()
        if draw < MISSING:
            stay.results.append(Result(minute, analyte, None))
            return
        if draw < MISSING + LATE:
            minute += chance.whole(60, 300)
        minute = min(minute, stay.until)
        value = read(chance, analyte, body.values)
        stay.results.append(Result(minute, analyte, value))
        for reaction in self._products.get(analyte.name, ()):
            if _beyond(reaction, value) and chance.random() < reaction.chance:
                stay.onsets.setdefault(reaction.action, minute)
                stay.spans.append(Span(reaction.action, minute, min(minute + 360, stay.discharged)))
                body.shift(reaction.state, reaction.shift)
        for reaction in self._reactions.get(analyte.name, ()):
            if _beyond(reaction, value) and chance.random() < reaction.chance:
                reacted.append((minute, reaction))
                body.shift(reaction.state, reaction.shift)


def _beyond(reaction: Reaction, value: float) -> bool:
    return value < reaction.bound if reaction.below else value > reaction.bound


def _times(chance: Chance, stay: Stay) -> list[tuple[int, bool]]:
    """Minutes at which blood is drawn; False for a blood gas alone."""
    times = [(stay.admitted + chance.whole(15, 100), True)]
    units = [(part.start, part.end) for part in stay.places if part.number is not None]
    day = stay.admitted // DAY * DAY
    while day <= stay.until:
        morning = day + MORNING + chance.whole(-110, 130)
        times.append((morning, True))
        evening = morning + 12 * 60 + chance.whole(-150, 150)
        if any(start <= evening < end for start, end in units) and chance.random() < EVENING:
            times.append((evening, True))
        day += DAY
    for span in stay.spans:
        if span.name == "ventilated":
            minute = span.start + 30
            while minute < span.end:
                times.append((minute, False))
                minute += chance.whole(360, 600)
    first = times[0][0]
    return sorted(t for t in times if first <= t[0] <= stay.until)
