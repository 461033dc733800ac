"""The embedded synthetic MIMIC-III: plausible, free to share, the same bytes for the same seed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr import clock
from taskkit.ehr.chance import Chance
from taskkit.ehr.synthetic.patients import Patient, Population, Visit
from taskkit.ehr.synthetic.recipe import MAX_PATIENTS, Recipe, write_synthetic
from taskkit.ehr.synthetic.stays import Hospital, Leg
from taskkit.ehr.synthetic.unit_events import Balance, Monitor
from taskkit.ehr.synthetic.vocabulary import Vocabulary, read_vocabulary
from taskkit.ehr.synthetic.ward_events import Laboratory, Microbiology, Pharmacy, Theatre
from taskkit.ehr.tables.database import DatabaseWriter, Value

SUBJECTS, ADMISSIONS, ICU_STAYS = 300_000, 500_000, 700_000  # ids that no MIMIC-III table has


def generate(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
) -> Origin:
    """Write a synthetic MIMIC-III database, and say what it is.

    A patient depends on the seed and their number alone: more patients leave the earlier as
    they are. Memory does not grow with the count.

    Args:
        path: The SQLite file to write; appears when complete.
        domain: Folder of the domain `mimic`, with schema.sql, indexes.sql and vocabulary/.
        patients: How many, up to `MAX_PATIENTS`.
        seed: Any whole number.
        progress: Told of each hundred patients.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    words = domain / "vocabulary"
    vocabulary = read_vocabulary(words)
    return write_synthetic(
        path,
        "MIMIC-III",
        domain / "schema.sql",
        sorted(words.iterdir()),
        lambda writer: Records(writer, vocabulary, seed),
        patients=patients,
        seed=seed,
        progress=progress,
    )


class Records(Recipe):
    """Draws patients one after the other and files their rows."""

    def __init__(self, writer: DatabaseWriter, vocabulary: Vocabulary, seed: int) -> None:
        """File the dictionaries."""
        super().__init__(writer, seed)
        self._choices = vocabulary.choices
        self._population, self._hospital = Population(vocabulary), Hospital(vocabulary)
        self._laboratory, self._pharmacy = Laboratory(vocabulary), Pharmacy(vocabulary)
        self._microbiology, self._theatre = Microbiology(vocabulary), Theatre(vocabulary)
        self._monitor = Monitor(vocabulary)
        self._inputs = Balance(vocabulary, "inputevents_cv")
        self._outputs = Balance(vocabulary, "outputevents")
        self._admissions = self._stays = 0
        self._add_dictionaries(vocabulary)

    def add_patient(self, number: int) -> None:
        """Draw a patient and file all about them."""
        chance = Chance(f"patient {self._seed} {number}")
        patient = self._population.patient(chance, current=self._is_current(number))
        subject = self._number(SUBJECTS, number, MAX_PATIENTS)
        death = None if patient.death_day is None else clock.midnight(patient.death_day)
        birth = clock.midnight(patient.birth_day)
        self._add("patients", subject, patient.sex, birth, death)
        usual = self._pharmacy.usual(chance, patient)
        person = self._person(chance)
        for visit in patient.visits:
            hadm = self._number(ADMISSIONS, self._admissions, 2 * MAX_PATIENTS)
            self._admissions += 1
            key = subject, hadm
            self._add_admission(chance, key, patient, visit, person)
            legs = self._hospital.legs(chance, visit)
            self._add_legs(chance, key, patient, visit, legs)
            self._add_coded(chance, key, patient, visit)
            for item, when, value, unit in self._laboratory.results(chance, patient, visit, legs):
                row = self._add("labevents", *key, item, when, value, unit)
                self._charge(key, "labevents", row, item, when)
            for order in self._pharmacy.orders(chance, visit, usual):
                row = self._add("prescriptions", *key, *order)
                self._charge(key, "prescriptions", row, order[2], order[0])
            for culture in self._microbiology.cultures(chance, visit):
                self._add("microbiologyevents", *key, *culture)

    def _person(self, chance: Chance) -> tuple[str | None, ...]:
        return tuple(
            self._choices[name].draw(chance)
            for name in ("insurance", "language", "marital_status", "ethnicity")
        )

    def _add_admission(
        self,
        chance: Chance,
        key: tuple[int, int],
        patient: Patient,
        visit: Visit,
        person: tuple[str | None, ...],
    ) -> None:
        leaves = self._choices["discharge_location"].draw(chance)
        if visit.died:
            leaves = "dead/expired"
        self._add(
            "admissions",
            *key,
            clock.text(visit.admitted),
            clock.known(visit.discharged),
            self._choices["admission_type"].draw(chance),
            self._choices["admission_location"].draw(chance),
            None if visit.current else leaves,
            *person,
            clock.age(patient.birth_day, visit.admitted),
        )

    def _add_legs(
        self, chance: Chance, key: tuple[int, int], patient: Patient, visit: Visit, legs: list[Leg]
    ) -> None:
        stays: dict[int, int] = {}
        for place, leg in enumerate(legs):
            if leg.stay is not None and leg.stay not in stays:
                number = self._number(ICU_STAYS, self._stays, 2 * MAX_PATIENTS)
                self._stays += 1
                stays[leg.stay] = number
                part = [other for other in legs if other.stay == leg.stay]
                self._add_stay(chance, (*key, number), patient, visit, part)
            self._add(
                "transfers",
                *key,
                None if leg.stay is None else stays[leg.stay],
                "transfer" if place else "admit",
                leg.ward.careunit,
                leg.ward.number,
                clock.text(leg.start),
                clock.known(leg.end),
            )
        if not visit.current:
            when = clock.text(visit.discharged)
            self._add("transfers", *key, None, "discharge", None, None, when, None)

    def _add_stay(
        self,
        chance: Chance,
        key: tuple[int, int, int],
        patient: Patient,
        visit: Visit,
        legs: list[Leg],
    ) -> None:
        first, last = legs[0], legs[-1]
        self._add(
            "icustays",
            *key,
            first.ward.careunit,
            last.ward.careunit,
            first.ward.number,
            last.ward.number,
            clock.text(first.start),
            clock.known(last.end),
        )
        span = first.start, min(last.end, clock.NOW)
        for sign in self._monitor.signs(chance, patient, visit, *span):
            self._add("chartevents", *key, *sign)
        for when, item, amount in self._inputs.volumes(chance, visit, *span):
            self._add("inputevents_cv", *key, when, item, amount)
        for when, item, amount in self._outputs.volumes(chance, visit, *span):
            self._add("outputevents", *key, when, item, amount)

    def _add_coded(
        self, chance: Chance, key: tuple[int, int], patient: Patient, visit: Visit
    ) -> None:
        when = clock.text(visit.admitted)
        for diagnosis in visit.diagnoses:
            row = self._add("diagnoses_icd", *key, diagnosis.code, when)
            self._charge(key, "diagnoses_icd", row, diagnosis.code, when)
        for procedure in self._theatre.procedures(chance, patient, visit):
            when = clock.text(visit.discharged)
            row = self._add("procedures_icd", *key, procedure.code, when)
            self._charge(key, "procedures_icd", row, procedure.code, when)

    def _add_dictionaries(self, vocabulary: Vocabulary) -> None:
        tables: dict[str, Iterable[tuple[Value, ...]]] = {
            "d_icd_diagnoses": ((d.code, d.short, d.long) for d in vocabulary.diagnoses),
            "d_icd_procedures": ((p.code, p.short, p.long) for p in vocabulary.procedures),
            "d_labitems": ((lab.itemid, lab.label) for lab in vocabulary.labs),
            "d_items": (
                *((vital.itemid, vital.label, "chartevents") for vital in vocabulary.vitals),
                *((volume.itemid, volume.label, volume.linksto) for volume in vocabulary.volumes),
            ),
        }
        for table, rows in tables.items():
            for row in rows:
                self._add(table, *row)
