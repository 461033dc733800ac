"""The embedded eICU: the hospital's patients in several hospitals, their stays in units."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr import clock
from taskkit.ehr.chance import Chance
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.stay import Place
from taskkit.ehr.rendering.eicu_names import Names, read_names
from taskkit.ehr.rendering.eicu_words import FORMS, House, read_allergies, read_houses
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.recipe import Recipe, write_synthetic
from taskkit.ehr.rendering.vocabulary import GENERAL, read_choices, read_coded
from taskkit.ehr.tables.database import DatabaseWriter, Value

PEOPLE = 10_000  # added to ids, so that they have five or six digits
UNIT_SPAN = 4  # ids of unit stays between those of two hospital stays
SIGNS = {
    "temperature": "temperature",
    "saturation": "sao2",
    "heart rate": "heartrate",
    "respiratory rate": "respiration",
    "systolic": "systemicsystolic",
    "diastolic": "systemicdiastolic",
    "mean": "systemicmean",
}
"""The vital signs, and their columns in order."""
AGAIN = 0.3  # share of diagnoses and treatments that are entered again on a later day
UNWEIGHED, KNOWN_ALLERGY, NOTED = 0.07, 0.45, 0.7
Key = tuple[str, int]
"""Patient and hospital stay."""


def generate_eicu(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
    first: int = 0,
) -> Origin:
    """Write the hospital's patients as an eICU database, and say what it is.

    A patient depends on the seed and their number alone: more patients leave the earlier as
    they are. Memory does not grow with the count. Stays without intensive care are left out,
    as eICU has none.

    Args:
        path: The SQLite file to write; appears when complete.
        domain: Folder of the domain `eicu`, with schema.sql, indexes.sql and vocabulary/.
        patients: How many, up to `MAX_PATIENTS`.
        seed: Any whole number.
        progress: Told of each hundred patients.
        first: Number of the first patient.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    words = domain / "vocabulary"
    return write_synthetic(
        path,
        "eICU",
        domain / "schema.sql",
        sorted(words.iterdir()),
        lambda writer: Records(writer, words, seed),
        patients=patients,
        seed=seed,
        progress=progress,
        first=first,
    )


class Records(Recipe):
    """Files the patients of a hospital, one after the other."""

    def __init__(self, writer: DatabaseWriter, words: Path, seed: int) -> None:
        """Read what eICU calls things."""
        super().__init__(writer, seed)
        self._hospital, self._identity = Hospital(seed), Identity(seed)
        self._choices = read_choices(words / "admissions.tsv")
        self._names = Names(read_coded(words / "diagnoses.tsv"))
        self._houses, self._allergies = read_houses(words), read_allergies(words)
        self._labs, self._fluids = read_names("labs"), read_names("fluids")
        self._specimens, self._organisms = read_names("specimens"), read_names("organisms")

    def add_patient(self, number: int) -> None:
        """Draw a patient and file all about them."""
        patient = self._hospital.patient(number)
        chance = Chance(f"eicu {self._seed} {number}")
        house = self._houses.draw(chance)
        person = f"{house.prefix}-{self._identity.subject(number) - PEOPLE}"
        ethnicity = self._choices["ethnicity"].draw(chance)
        known = chance.whole(1, 3) if chance.random() < KNOWN_ALLERGY else 0
        allergies = self._allergies.several(chance, known)
        for place, stay in enumerate(patient.stays):
            parts = [part for part in stay.places if part.number is not None]
            if not parts:
                continue
            key = person, self._identity.admission(number, place)
            source = self._choices["hospitaladmitsource"].draw(chance)
            units = [(part, UNIT_SPAN * key[1] + count) for count, part in enumerate(parts)]
            for part, unit in units:
                said = (ethnicity, source)
                self._add_unit(chance, key, unit, patient, stay, house, part, said)
                self._add_bedside(chance, key, unit, stay, part)
            if chance.random() < NOTED:
                for allergy in allergies:
                    when = clock.text(min(parts[0].start + chance.whole(1, 400), clock.NOW))
                    self._add("allergy", units[0][1], allergy.drug, allergy.name, when)
            self._add_anywhere(key, units, stay, house)

    def _add_unit(
        self,
        chance: Chance,
        key: Key,
        unit: int,
        patient: Patient,
        stay: Stay,
        house: House,
        part: Place,
        said: tuple[str | None, str | None],
    ) -> None:
        left = clock.known(part.end)
        weight = round(patient.weight + chance.normal(), 1)
        leaving = None
        if left is not None and chance.random() >= UNWEIGHED:
            leaving = round(weight + 2 * chance.normal(), 1)
        ward = house.units.get(part.theme, house.units[GENERAL])
        row = (
            *key,
            unit,
            "male" if patient.sex == "m" else "female",
            str(clock.age(patient.birth_day, stay.admitted)),
            said[0],
            house.number,
            ward.draw(chance).number,
            round(patient.height, 1),
            None if chance.random() < UNWEIGHED else weight,
            leaving,
            clock.text(stay.admitted),
            said[1],
            clock.text(part.start),
            left,
            clock.known(stay.discharged),
            None if stay.current else "expired" if stay.died else "alive",
        )
        self._rows.setdefault("patient", []).append(row)

    def _add_bedside(self, chance: Chance, key: Key, unit: int, stay: Stay, part: Place) -> None:
        for signs in stay.signs:
            if signs.unit == part.number and part.start <= signs.minute <= part.end:
                values: dict[str, Value] = {SIGNS[n]: v for n, v in signs.values.items()}
                row = (values.get(column) for column in SIGNS.values())
                self._add("vitalperiodic", unit, *row, clock.text(signs.minute))
        for name in self._names.diagnoses(chance, stay):
            for minute in _entries(chance, part):
                when = clock.text(minute)
                row_id = self._add("diagnosis", unit, name, when, self._names.codes[name])
                self._charge(key, "diagnosis", row_id, name, when)
        for name in self._names.treatments(chance, stay):
            for minute in _entries(chance, part):
                when = clock.text(minute)
                row_id = self._add("treatment", unit, name, when)
                self._charge(key, "treatment", row_id, name, when)
        for volume in stay.volumes:
            label = self._fluids.get(volume.fluid.name)
            if label and volume.unit == part.number and part.start <= volume.minute <= part.end:
                way = "intake" if volume.fluid.way == "in" else "output"
                path = f"flowsheet|flowsheet cell labels|i&o|{way} (ml)|{label}"
                when = clock.text(volume.minute)
                self._add("intakeoutput", unit, path, label, volume.amount, when)

    def _add_anywhere(
        self, key: Key, units: list[tuple[Place, int]], stay: Stay, house: House
    ) -> None:
        """File what goes on outside the unit as well, under the last unit stay that has begun."""

        def unit(minute: int) -> int:
            return next((u for part, u in reversed(units) if part.start <= minute), units[0][1])

        for result in stay.results:
            label = self._labs.get(result.analyte.name)
            if label and result.value is not None:
                when = clock.text(result.minute)
                row = self._add("lab", unit(result.minute), label, result.value, when)
                self._charge(key, "lab", row, label, when)
        for order in stay.orders:
            dosage = f"{order.dose} {order.unit}"
            name = f"{order.drug} {dosage} {FORMS[order.route]}"
            route = house.routes.get(order.route, order.route)
            start, end = clock.text(order.start), clock.known(order.end)
            row = self._add("medication", unit(order.start), name, dosage, route, start, end)
            self._charge(key, "medication", row, name, start)
        for culture in stay.cultures:
            site = self._specimens.get(culture.specimen)
            if site:
                organism = self._organisms.get(culture.organism or "", "no growth")
                when = clock.text(culture.minute)
                self._add("microlab", unit(culture.minute), site, organism, when)


def _entries(chance: Chance, part: Place) -> Iterator[int]:
    """Give the minutes at which something that a patient has is entered during a unit stay."""
    until = min(part.end, clock.NOW)
    minute = part.start + int((until - part.start) * chance.random() * chance.random())
    while minute <= until:
        yield minute
        if chance.random() >= AGAIN:
            return
        minute += chance.whole(clock.DAY // 2, 2 * clock.DAY)
