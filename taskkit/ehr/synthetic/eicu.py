"""The embedded synthetic eICU: several hospitals, stays in units, the same bytes for a seed.

Its patients fall ill as those of the synthetic MIMIC-III; what eICU calls things is its own.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr import clock
from taskkit.ehr.chance import Chance
from taskkit.ehr.synthetic.eicu_stays import Treatments, entries, unit_stays
from taskkit.ehr.synthetic.eicu_words import FORMS, House, read_allergies, read_houses
from taskkit.ehr.synthetic.patients import Patient, Population, Visit
from taskkit.ehr.synthetic.recipe import MAX_PATIENTS, Recipe, write_synthetic
from taskkit.ehr.synthetic.stays import Leg
from taskkit.ehr.synthetic.unit_events import ONCE, Balance, Monitor
from taskkit.ehr.synthetic.vocabulary import Drug, Vocabulary, read_vocabulary
from taskkit.ehr.synthetic.ward_events import Laboratory, Microbiology, Pharmacy
from taskkit.ehr.tables.database import DatabaseWriter, Value

PEOPLE, STAYS, UNIT_STAYS = 10_000, 4_000_000, 5_000_000  # ids that no eICU table has
STAY_SPAN, UNIT_SPAN = 300_000, 700_000  # more than the most patients can have
CM_PER_INCH = 2.54
SIGNS = {
    "temperature c (calc)": "temperature",
    "sao2": "sao2",
    "heart rate": "heartrate",
    "respiratory rate": "respiration",
    "arterial bp [systolic]": "systemicsystolic",
    "arterial bp [diastolic]": "systemicdiastolic",
    "arterial bp mean": "systemicmean",
}
"""The vital signs of the vocabulary, and their columns in order."""
UNWEIGHED, KNOWN_ALLERGY, NOTED = 0.07, 0.45, 0.7


def generate_eicu(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
) -> Origin:
    """Write a synthetic eICU database, and say what it is.

    A patient depends on the seed and their number alone: more patients leave the earlier as
    they are. Memory does not grow with the count.

    Args:
        path: The SQLite file to write; appears when complete.
        domain: Folder of the domain `eicu`; `mimic` lies beside it, whose vocabulary it shares.
        patients: How many, up to `MAX_PATIENTS`.
        seed: Any whole number.
        progress: Told of each hundred patients.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    own, shared = domain / "vocabulary", domain.parent / "mimic" / "vocabulary"
    vocabulary = read_vocabulary(own, shared)
    return write_synthetic(
        path,
        "eICU",
        domain / "schema.sql",
        [*sorted(own.iterdir()), *sorted(shared.iterdir())],
        lambda writer: Records(writer, vocabulary, own, seed),
        patients=patients,
        seed=seed,
        progress=progress,
    )


class Records(Recipe):
    """Draws patients one after the other and files their rows."""

    def __init__(
        self, writer: DatabaseWriter, vocabulary: Vocabulary, words: Path, seed: int
    ) -> None:
        """Sort the vocabulary."""
        super().__init__(writer, seed)
        self._choices = vocabulary.choices
        self._houses, self._allergies = read_houses(words), read_allergies(words)
        self._population, self._treatments = (
            Population(vocabulary),
            Treatments(vocabulary.procedures),
        )
        self._laboratory, self._pharmacy = Laboratory(vocabulary), Pharmacy(vocabulary)
        self._microbiology, self._monitor = Microbiology(vocabulary), Monitor(vocabulary)
        self._balances = {kind: Balance(vocabulary, kind) for kind in ("intake", "output")}
        self._labs = {lab.itemid: lab.label for lab in vocabulary.labs}
        self._volumes = {volume.itemid: volume.label for volume in vocabulary.volumes}
        self._signs = {vital.itemid: SIGNS.get(vital.label) for vital in vocabulary.vitals}
        self._once = {v.label: v.itemid for v in vocabulary.vitals if v.label in ONCE}
        self._stays = self._units = 0

    def add_patient(self, number: int) -> None:
        """Draw a patient and file all about them."""
        chance = Chance(f"patient {self._seed} {number}")
        patient = self._population.patient(chance, current=self._is_current(number))
        house = self._houses.draw(chance)
        person = f"{house.prefix}-{self._number(PEOPLE, number, MAX_PATIENTS)}"
        ethnicity = self._choices["ethnicity"].draw(chance)
        usual = self._pharmacy.usual(chance, patient)
        allergies = (
            self._allergies.several(chance, chance.whole(1, 3))
            if chance.random() < KNOWN_ALLERGY
            else []
        )
        for visit in patient.visits:
            stay = self._number(STAYS, self._stays, STAY_SPAN)
            self._stays += 1
            legs = unit_stays(chance, visit, house)
            units = []
            source = self._choices["hospitaladmitsource"].draw(chance)
            for leg in legs:
                unit = self._number(UNIT_STAYS, self._units, UNIT_SPAN)
                self._units += 1
                units.append((clock.text(leg.start), unit))
                said = (person, stay, unit, ethnicity, source)
                self._add_unit(chance, said, patient, visit, house, leg)
                self._add_bedside(chance, (person, stay), unit, visit, leg)
            if chance.random() < NOTED:
                for allergy in allergies:
                    when = clock.text(min(legs[0].start + chance.whole(1, 400), clock.NOW))
                    self._add("allergy", units[0][1], allergy.drug, allergy.name, when)
            self._add_anywhere(chance, (person, stay), units, patient, visit, house, legs, usual)

    def _add_unit(
        self,
        chance: Chance,
        said: tuple[str, int, int, str | None, str | None],
        patient: Patient,
        visit: Visit,
        house: House,
        leg: Leg,
    ) -> None:
        person, stay, unit, ethnicity, source = said
        body = self._add_vitals(chance, unit, patient, visit, leg)
        weight, height = body.get(self._once["admit wt"]), body.get(self._once["admit ht"])
        left = clock.known(leg.end)
        leaving = None
        if weight is not None and left is not None and chance.random() >= UNWEIGHED:
            leaving = round(weight + 2 * chance.normal(), 1)
        if chance.random() < UNWEIGHED:
            weight = None
        row = (
            person,
            stay,
            unit,
            "male" if patient.sex == "m" else "female",
            str(clock.age(patient.birth_day, visit.admitted)),
            ethnicity,
            house.number,
            leg.ward.number,
            None if height is None else round(height * CM_PER_INCH, 1),
            weight,
            leaving,
            clock.text(visit.admitted),
            source,
            clock.text(leg.start),
            left,
            clock.known(visit.discharged),
            None if visit.current else "expired" if visit.died else "alive",
        )
        self._rows.setdefault("patient", []).append(row)

    def _add_vitals(
        self, chance: Chance, unit: int, patient: Patient, visit: Visit, leg: Leg
    ) -> dict[int, float]:
        """File the vital signs; give weight and height by item."""
        signs = self._monitor.signs(
            chance, patient, visit, leg.start, max(leg.start + 50, min(leg.end, clock.NOW))
        )
        body: dict[int, float] = {}
        for when, group in groupby(signs, key=lambda sign: sign[1]):
            values: dict[str | None, Value] = {}
            for item, _, value, _ in group:
                column = self._signs[item]
                if column is None:
                    body[item] = value
                else:
                    values[column] = value if column == "temperature" else round(value)
            if values:
                row = (values.get(column) for column in SIGNS.values())
                self._add("vitalperiodic", unit, *row, when)
        return body

    def _add_bedside(
        self, chance: Chance, key: tuple[str, int], unit: int, visit: Visit, leg: Leg
    ) -> None:
        until = min(leg.end, clock.NOW)
        for diagnosis in visit.diagnoses:
            code = None if diagnosis.code == "-" else diagnosis.code
            for minute in entries(chance, leg):
                when = clock.text(minute)
                row = self._add("diagnosis", unit, diagnosis.short, when, code)
                self._charge(key, "diagnosis", row, diagnosis.short, when)
        for treatment in self._treatments.given(chance, visit, leg):
            for minute in entries(chance, leg):
                when = clock.text(minute)
                row = self._add("treatment", unit, treatment.short, when)
                self._charge(key, "treatment", row, treatment.short, when)
        for kind, balance in self._balances.items():
            for when, item, amount in balance.volumes(chance, visit, leg.start, until):
                label = self._volumes[item]
                path = f"flowsheet|flowsheet cell labels|i&o|{kind} (ml)|{label}"
                self._add("intakeoutput", unit, path, label, amount, when)

    def _add_anywhere(
        self,
        chance: Chance,
        key: tuple[str, int],
        units: list[tuple[str, int]],
        patient: Patient,
        visit: Visit,
        house: House,
        legs: list[Leg],
        usual: list[Drug],
    ) -> None:
        """File what goes on outside the unit as well, under the last unit stay that has begun."""

        def unit(when: str) -> int:
            return next((u for start, u in reversed(units) if start <= when), units[0][1])

        for item, when, value, _ in self._laboratory.results(chance, patient, visit, legs):
            row = self._add("lab", unit(when), self._labs[item], value, when)
            self._charge(key, "lab", row, self._labs[item], when)
        for start, end, drug, dose, measure, route in self._pharmacy.orders(chance, visit, usual):
            name = f"{drug} {dose} {measure} {FORMS[route]}"
            given = house.routes.get(route, route)
            row = self._add("medication", unit(start), name, f"{dose} {measure}", given, start, end)
            self._charge(key, "medication", row, name, start)
        for when, site, organism in self._microbiology.cultures(chance, visit):
            self._add("microlab", unit(when), site, organism or "no growth", when)
