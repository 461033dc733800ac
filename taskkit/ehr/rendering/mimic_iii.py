"""The embedded MIMIC-III: the hospital in the schema of EHRSQL, the same bytes for a seed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr import clock
from taskkit.ehr.chance import Chance
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.stay import Place
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.recipe import Recipe, write_synthetic
from taskkit.ehr.rendering.vocabulary import Vocabulary, read_vocabulary
from taskkit.ehr.rendering.wards import Wards
from taskkit.ehr.tables.database import DatabaseWriter, Value

CM_PER_INCH = 2.54
SIGNS = {
    "temperature": "temperature c (calc)",
    "saturation": "sao2",
    "heart rate": "heart rate",
    "respiratory rate": "respiratory rate",
    "systolic": "arterial bp [systolic]",
    "diastolic": "arterial bp [diastolic]",
    "mean": "arterial bp mean",
}
"""What MIMIC-III calls the vital signs."""
Key = tuple[int, int]
"""Patient and stay."""


def generate(
    path: Path,
    *,
    domain: Path,
    patients: int = 1000,
    seed: int = 0,
    progress: Progress = silent,
) -> Origin:
    """Write the hospital as a MIMIC-III database, and say what it is.

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
    """Files the patients of a hospital, one after the other."""

    def __init__(self, writer: DatabaseWriter, vocabulary: Vocabulary, seed: int) -> None:
        """File the dictionaries."""
        super().__init__(writer, seed)
        self._hospital, self._identity = Hospital(seed), Identity(seed)
        self._wards = Wards(vocabulary.wards)
        self._labs = {lab.label: lab.itemid for lab in vocabulary.labs}
        self._vitals = {vital.label: vital for vital in vocabulary.vitals}
        self._volumes = {(v.label, v.linksto): v.itemid for v in vocabulary.volumes}
        self._add_dictionaries(vocabulary)

    def add_patient(self, number: int) -> None:
        """Draw a patient and file all about them."""
        patient = self._hospital.patient(number)
        subject = self._identity.subject(number)
        death = None if patient.death is None else clock.midnight(patient.death // clock.DAY)
        self._add("patients", subject, patient.sex, clock.midnight(patient.birth_day), death)
        for place, stay in enumerate(patient.stays):
            key = subject, self._identity.admission(number, place)
            self._add_admission(key, patient, stay)
            ids = [self._identity.unit_stay(number, place, unit) for unit in (0, 1)]
            self._add_places(key, stay, ids)
            self._add_body(key, patient, stay, ids)
            self._add_bedside(key, stay, ids)
            self._add_coded(key, stay)
            self._add_events(key, stay)

    def _add_admission(self, key: Key, patient: Patient, stay: Stay) -> None:
        leaves = "dead/expired" if stay.died else stay.details["discharge_location"]
        person = patient.details
        self._add(
            "admissions",
            *key,
            clock.text(stay.admitted),
            clock.known(stay.discharged),
            stay.details["admission_type"],
            stay.details["admission_location"],
            None if stay.current else leaves,
            person["insurance"],
            person["language"],
            person["marital_status"],
            person["ethnicity"],
            clock.age(patient.birth_day, stay.admitted),
        )

    def _add_places(self, key: Key, stay: Stay, ids: list[int]) -> None:
        done: set[int] = set()
        for count, place in enumerate(stay.places):
            ward = self._wards.ward(place)
            unit = None if place.number is None else ids[place.number]
            if place.number is not None and place.number not in done:
                done.add(place.number)
                part = [other for other in stay.places if other.number == place.number]
                self._add_unit_stay((*key, ids[place.number]), part)
            self._add(
                "transfers",
                *key,
                unit,
                "transfer" if count else "admit",
                ward.careunit,
                ward.number,
                clock.text(place.start),
                clock.known(place.end),
            )
        if not stay.current:
            when = clock.text(stay.discharged)
            self._add("transfers", *key, None, "discharge", None, None, when, None)

    def _add_unit_stay(self, key: tuple[int, int, int], places: list[Place]) -> None:
        first, last = self._wards.ward(places[0]), self._wards.ward(places[-1])
        self._add(
            "icustays",
            *key,
            first.careunit,
            last.careunit,
            first.number,
            last.number,
            clock.text(places[0].start),
            clock.known(places[-1].end),
        )

    def _add_body(self, key: Key, patient: Patient, stay: Stay, ids: list[int]) -> None:
        """File weight and height, once for each stay in intensive care."""
        starts: dict[int, int] = {}
        for signs in stay.signs:
            if signs.unit is not None:
                starts.setdefault(signs.unit, signs.minute)
        for unit, minute in starts.items():
            chance = Chance(f"scales {key[1]} {unit}")
            weight = patient.weight + chance.normal()
            for label, value in (
                ("admit wt", weight),
                ("admit ht", patient.height / CM_PER_INCH),
            ):
                vital = self._vitals[label]
                read = round(min(max(value, vital.floor), vital.ceiling), vital.decimals)
                when = clock.text(minute)
                self._add("chartevents", *key, ids[unit], vital.itemid, when, read, vital.unit)

    def _add_bedside(self, key: Key, stay: Stay, ids: list[int]) -> None:
        for signs in stay.signs:
            if signs.unit is None:
                continue
            when = clock.text(signs.minute)
            for name, value in signs.values.items():
                vital = self._vitals[SIGNS[name]]
                place = ids[signs.unit]
                self._add("chartevents", *key, place, vital.itemid, when, value, vital.unit)
        for volume in stay.volumes:
            table = "inputevents_cv" if volume.fluid.way == "in" else "outputevents"
            item = self._volumes[volume.fluid.name, table]
            when = clock.text(volume.minute)
            self._add(table, *key, ids[volume.unit], when, item, volume.amount)

    def _add_coded(self, key: Key, stay: Stay) -> None:
        when = clock.text(stay.admitted)
        for finding in stay.findings:
            if finding.onset <= clock.NOW:
                row = self._add("diagnoses_icd", *key, finding.code, when)
                self._charge(key, "diagnoses_icd", row, finding.code, when)
        if stay.current:
            return
        when = clock.text(stay.discharged)
        for done in stay.procedures:
            row = self._add("procedures_icd", *key, done.code, when)
            self._charge(key, "procedures_icd", row, done.code, when)

    def _add_events(self, key: Key, stay: Stay) -> None:
        for result in stay.results:
            item, when = self._labs[result.analyte.name], clock.text(result.minute)
            row = self._add("labevents", *key, item, when, result.value, result.analyte.unit)
            self._charge(key, "labevents", row, item, when)
        for order in stay.orders:
            start, end = clock.text(order.start), clock.known(order.end)
            said = order.drug, order.dose, order.unit, order.route
            row = self._add("prescriptions", *key, start, end, *said)
            self._charge(key, "prescriptions", row, order.drug, start)
        for culture in stay.cultures:
            when = clock.text(culture.minute)
            self._add("microbiologyevents", *key, when, culture.specimen, culture.organism)

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
