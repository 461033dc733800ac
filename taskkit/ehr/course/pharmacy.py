"""Prescriptions: what they are for, by which route, in a dose of it, adjusted to kidneys."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY
from taskkit.ehr.course.catalogue import Catalogue, Drug, Reaction
from taskkit.ehr.course.patient import Patient
from taskkit.ehr.course.rule import cause
from taskkit.ehr.course.ruled import Table
from taskkit.ehr.course.stay import Culture, Order, Stay

COUNTS = {
    "home": Weighted([(1, 62), (2, 28), (3, 10)]),
    "acute": Weighted([(1, 34), (2, 30), (3, 20), (4, 16)]),
    "brief": Weighted([(1, 50), (2, 30), (3, 20)]),
    "antibiotic": Weighted([(1, 70), (2, 25), (3, 5)]),
}
"""How many orders of a drug follow one another in a stay."""
POOR_KIDNEYS = frozenset({"ckd", "esrd", "kidney-injury"})
AVOIDED = 0.85  # how often a drug that poor kidneys forbid is left out
FORGOTTEN = 0.03  # share of home drugs that a stay leaves out
BY_MOUTH = frozenset({"po", "ng"})
INTO_VEIN = "iv"
SWITCHED = 0.3  # share of later orders that go from a vein to the mouth
REPORTED = 40 * 60  # minutes until an organism is known
NARROWED = 0.75


class Pharmacy:
    """Draws the prescriptions of stays."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know the formulary."""
        self._drugs = catalogue.drugs
        self._formulary = Table(catalogue.drugs.values())
        self._answers = {organism.name: organism.answers for organism in catalogue.organisms}

    def prescribe(self, chance: Chance, patient: Patient, stay: Stay) -> None:
        """File the orders that a stay's traits ask for; each drug given becomes a trait too."""
        poor = not POOR_KIDNEYS.isdisjoint(stay.onsets)
        for drug, likely in list(self._formulary.likely(stay.onsets)):
            draw = (
                patient.habit(f"takes {drug.name}", chance)
                if drug.kind == "home"
                else chance.random()
            )
            left_out = drug.kind == "home" and chance.random() < FORGOTTEN
            if draw >= likely or left_out:
                continue
            if poor and drug.renal == "avoid" and chance.random() < AVOIDED:
                continue
            reason = cause(drug.given, stay.onsets)
            self._course(chance, patient, stay, drug, reason, poor=poor)

    def _course(
        self,
        chance: Chance,
        patient: Patient,
        stay: Stay,
        drug: Drug,
        reason: str,
        *,
        poor: bool,
    ) -> None:
        onset = max(stay.onsets.get(reason, stay.admitted), stay.admitted)
        start = onset + chance.whole(15, 300)
        if drug.kind == "home":
            start = stay.admitted + chance.whole(60, 20 * 60)
        elif drug.kind == "brief":
            draw = chance.random()
            start = onset + 20 + int(max(stay.discharged - onset, 60) * 0.7 * draw * draw)
        count = COUNTS[drug.kind].draw(chance)
        for order in _orders(chance, patient, stay, drug, reason, start, count, poor=poor):
            stay.orders.append(order)
            stay.onsets.setdefault(drug.name.split()[0], order.start)

    def react(self, chance: Chance, stay: Stay, reacted: list[tuple[int, Reaction]]) -> None:
        """File what results ask for: electrolytes, insulin; once a day at most."""
        done: set[tuple[str, int]] = set()
        for minute, reaction in reacted:
            drug = self._drugs[reaction.action]
            key = drug.name, minute // DAY
            start = minute + chance.whole(20, 120)
            if key in done or start >= stay.until:
                continue
            done.add(key)
            route, doses = chance.one(drug.doses)
            end = min(start + chance.whole(6, 24) * 60, stay.discharged)
            dose = chance.one(doses)
            stay.orders.append(
                Order(start, end, drug.name, dose, drug.unit, route, reaction.analyte)
            )

    def answer(self, chance: Chance, patient: Patient, stay: Stay, culture: Culture) -> None:
        """Start an antibiotic that an organism is sensitive to, if none is being given."""
        answers = self._answers.get(culture.organism or "", ())
        known = culture.minute + REPORTED + chance.whole(-600, 900)
        if not answers or known >= stay.until or chance.random() >= NARROWED:
            return
        if any(
            order.drug.startswith(answers) and order.start <= known <= order.end
            for order in stay.orders
        ):
            return
        names = [name for name in self._drugs if name.startswith(answers[0])]
        poor = not POOR_KIDNEYS.isdisjoint(stay.onsets)
        if names:
            drug = self._drugs[names[0]]
            trait = culture.organism or ""
            stay.orders += _orders(chance, patient, stay, drug, trait, known, 1, poor=poor)


def _orders(
    chance: Chance,
    patient: Patient,
    stay: Stay,
    drug: Drug,
    reason: str,
    start: int,
    count: int,
    *,
    poor: bool,
) -> Iterator[Order]:
    route, doses = _route(chance, stay, drug)
    usual = patient.habit(f"dose {drug.name}", chance)
    step = 0 if poor and drug.renal == "low" else int(usual * len(doses))
    for _ in range(count):
        if start > min(stay.until, stay.discharged - 60):
            return
        half_days = chance.between(drug.shortest, drug.longest + 1)
        end = min(start + int(half_days * DAY) // 2, stay.discharged)
        if drug.kind == "home":
            end = stay.discharged if chance.random() < 0.6 else end
        dose = doses[min(max(step, 0), len(doses) - 1)]
        yield Order(start, end, drug.name, dose, drug.unit, route, reason)
        start = end + chance.whole(1, DAY)
        if not (poor and drug.renal == "low"):
            step += chance.one((-1, 0, 0, 1))
        if route == INTO_VEIN and chance.random() < SWITCHED:
            mouth = [entry for entry in drug.doses if entry[0] in BY_MOUTH]
            if mouth:
                route, doses = mouth[0]


def _route(chance: Chance, stay: Stay, drug: Drug) -> tuple[str, tuple[str, ...]]:
    """The route: into a vein rather than by mouth while somebody is ventilated or in shock."""
    if len(drug.doses) == 1:
        return drug.doses[0]
    severe = "ventilated" in stay.onsets or "shock" in stay.onsets
    others = [entry for entry in drug.doses if entry[0] != "po"]
    if severe and drug.kind != "home" and chance.random() < 0.8:
        return chance.one(others)
    return drug.doses[0] if chance.random() < 0.62 else chance.one(drug.doses[1:])
