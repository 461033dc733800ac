"""What happens anywhere in hospital: laboratory tests, prescriptions, cultures, procedures."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY, NOW, known, text
from taskkit.ehr.synthetic.patients import Patient, Visit
from taskkit.ehr.synthetic.stays import Leg
from taskkit.ehr.synthetic.vocabulary import (
    GENERAL,
    Drug,
    Lab,
    Panel,
    Procedure,
    Vocabulary,
    by_theme,
)

LabRow = tuple[int, str, float, str]
DrugRow = tuple[str, str | None, str, str, str, str]
CultureRow = tuple[str, str, str | None]
COMPLETE = 0.9  # share of a panel's tests that give a result
ON_ADMISSION = 2  # how many times likelier than later a panel is ordered
WORSENING = 0.25  # share of visits whose values drift away from normal
SCREEN = "mrsa screen"


class Laboratory:
    """Draws laboratory results that follow from what a patient has."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Know the panels."""
        self._panels = vocabulary.panels

    def results(
        self, chance: Chance, patient: Patient, visit: Visit, legs: list[Leg]
    ) -> Iterator[LabRow]:
        """Give item, time, value and unit of every result of a visit, in order of time."""
        length = visit.discharged - visit.admitted
        drift = 0.6 if chance.random() < WORSENING else -0.6
        eagerness = ON_ADMISSION
        for minute in _draw_times(chance, visit, legs):
            progress = 1 + drift * (minute - visit.admitted) / length
            for panel in self._panels:
                if chance.random() < eagerness * _wanted(panel, visit):
                    shift = chance.whole(0, 3)  # analysers finish minutes apart
                    when = text(min(minute + shift, visit.until))
                    for lab in panel.labs:
                        if chance.random() < COMPLETE:
                            value = _value(chance, patient, visit, lab, progress)
                            yield lab.itemid, when, value, lab.unit
            eagerness = 1


def _draw_times(chance: Chance, visit: Visit, legs: list[Leg]) -> Iterator[int]:
    stays = [(leg.start, leg.end) for leg in legs if leg.stay is not None]
    minute = visit.admitted + chance.whole(20, 120)
    while minute <= visit.until:
        yield minute
        intensive = any(start <= minute < end for start, end in stays)
        step = DAY // 2 if intensive and chance.random() < 0.5 else DAY
        minute += step + chance.whole(-150, 150)


def _wanted(panel: Panel, visit: Visit) -> float:
    return panel.boosted if not panel.themes.isdisjoint(visit.severity) else panel.chance


def _value(chance: Chance, patient: Patient, visit: Visit, lab: Lab, progress: float) -> float:
    """Give a result: the patient's own normal, moved by their illness, with noise."""
    middle, spread = (lab.low + lab.high) / 2, (lab.high - lab.low) / 4
    factor = 1.0
    for theme, effect in lab.effects.items():
        if theme in visit.severity:
            factor *= 1 + (effect - 1) * visit.severity[theme] * progress
    own = middle + spread * 0.8 * patient.trait(lab.label, chance)
    value = own * factor + spread * 0.7 * max(1.0, factor) * chance.normal()
    return round(min(max(value, lab.floor), lab.ceiling), lab.decimals)


class Pharmacy:
    """Draws prescriptions that go with what a patient has."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Sort the drugs by theme."""
        self._drugs = by_theme(vocabulary.drugs, lambda d: d.themes, lambda d: d.weight)

    def usual(self, chance: Chance, patient: Patient) -> list[Drug]:
        """Give what a patient takes year in, year out."""
        themes = patient.visits[0].severity
        drugs = self._drugs[GENERAL].several(chance, 3)
        for theme in themes:
            drugs += self._drugs[theme].several(chance, 2)
        return [drug for drug in dict.fromkeys(drugs) if drug.longest > 6]

    def orders(self, chance: Chance, visit: Visit, usual: list[Drug]) -> list[DrugRow]:
        """Give start, end, drug, dose, unit and route of a visit's orders, in order of start."""
        days = (visit.until - visit.admitted) // DAY
        drugs = self._drugs[GENERAL].several(chance, 5 + days // 2 + chance.whole(0, 3))
        for theme, badness in visit.severity.items():
            drugs += self._drugs[theme].several(chance, 1 + int(4 * badness))
        drugs += [drug for drug in usual if chance.random() < 0.8]
        orders = [order for drug in dict.fromkeys(drugs) for order in _orders(chance, visit, drug)]
        return [row for _, row in sorted(orders, key=lambda order: order[0])]


def _orders(chance: Chance, visit: Visit, drug: Drug) -> Iterator[tuple[int, DrugRow]]:
    draw = chance.random()
    start = visit.admitted + 15 + int((visit.discharged - visit.admitted) * 0.8 * draw * draw)
    route = chance.one(drug.routes)
    for _ in range(Weighted([(1, 60), (2, 25), (3, 10), (4, 5)]).draw(chance)):
        if start > min(visit.until, visit.discharged - 60):
            return
        end = start + int(chance.between(drug.shortest, drug.longest + 1) * DAY) // 2
        end = min(end, visit.discharged)
        dose = chance.one(drug.doses)
        yield start, (text(start), known(end), drug.name, dose, drug.unit, route)
        start = end + chance.whole(1, DAY)


class Microbiology:
    """Draws cultures; nothing grows in most."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Know the specimens."""
        self._specimens = Weighted((s, s.weight) for s in vocabulary.specimens)
        self._screens = [s for s in vocabulary.specimens if s.name == SCREEN]

    def cultures(self, chance: Chance, visit: Visit) -> list[CultureRow]:
        """Give time, specimen and organism of each culture, in order of time."""
        infection = visit.severity.get("infection", 0.0)
        count = int((3 + 6 * infection) * 2 * chance.random())
        specimens = [self._specimens.draw(chance) for _ in range(count)]
        if chance.random() < 0.4:
            specimens += self._screens
        rows = []
        for specimen in specimens:
            draw = chance.random()
            when = visit.admitted + 10 + int((visit.until - visit.admitted - 10) * draw * draw)
            grows = chance.random() < specimen.growth * (1 + infection)
            organism = specimen.organisms.draw(chance) if grows else None
            rows.append((text(when), specimen.name, organism))
        return sorted(rows, key=lambda row: row[0])


class Theatre:
    """Draws the procedures of a visit, which are coded at discharge."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Sort the procedures by sex and theme."""
        self._procedures = {
            sex: by_theme(
                [p for p in vocabulary.procedures if p.sex in (sex, "-")],
                lambda procedure: procedure.themes,
                lambda procedure: procedure.weight,
            )
            for sex in "mf"
        }

    def procedures(self, chance: Chance, patient: Patient, visit: Visit) -> list[Procedure]:
        """Give the procedures of a visit; few are done twice."""
        if visit.discharged > NOW or chance.random() < 0.12:
            return []
        pools = self._procedures[patient.sex]
        found: list[Procedure] = []
        for theme, badness in visit.severity.items():
            found += pools[theme].several(chance, int(badness * 1.5 + chance.random()))
        found += pools[GENERAL].several(chance, chance.whole(0, 1))
        again = [procedure for procedure in found if chance.random() < 0.07]
        return [*dict.fromkeys(found), *again]
