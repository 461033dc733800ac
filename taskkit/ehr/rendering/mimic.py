"""What the renderings of MIMIC-III and MIMIC-IV share: the same events, laid out by a table.

The events are filed with all that either release says of them, in one order; a release names the
places that its own tables have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from taskkit.ehr import clock
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.stay import Done, Place
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.recipe import Recipe
from taskkit.ehr.rendering.scales import weighed
from taskkit.ehr.rendering.vocabulary import Vital
from taskkit.ehr.rendering.wards import Wards
from taskkit.ehr.tables.database import DatabaseWriter, Value

Key = tuple[int, int]
"""Patient and stay."""
Row = tuple[Value, ...]


class Size(NamedTuple):
    """How a release charts the weight or the height of a patient."""

    vital: Vital
    factor: float
    """From kg or cm to the unit of the release."""


@dataclass(frozen=True)
class Release:
    """What a release calls things, and how it lays them out."""

    calendar: clock.Calendar
    wards: Wards
    labs: Mapping[str, int]
    """Item of each test of the course."""
    signs: Mapping[str, Vital]
    """Vital sign of the course to the item that it is charted under."""
    weight: Size
    height: Size
    volumes: Mapping[tuple[str, str], tuple[str, int]]
    """Fluid of the course, in or out, to the table and the item that it is charted in."""
    dictionaries: Mapping[str, Iterable[Row]]
    """The rows of each dictionary."""
    procedure_time: Callable[[Stay, Done], int]
    """The minute that a procedure is filed under."""
    code: Callable[[str], str] = str
    """How a code of ICD-9 is written."""
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Field and word of the course to the release's word; other words stay as they are."""
    tests: Mapping[str, str] = field(default_factory=dict)
    """What is done with each specimen, where the release says."""
    columns: Mapping[str, Callable[[Row], Row]] = field(default_factory=dict)
    """Takes the columns of a table that the release has."""

    def word(self, name: str, said: str | None) -> str | None:
        """What the release says in a field of administration."""
        return None if said is None else self.words.get((name, said), said)


def columns(*places: int) -> Callable[[Row], Row]:
    """Take the columns at these places."""
    return itemgetter(*places)


class MimicRecords(Recipe):
    """Files the patients of a hospital as a release of MIMIC does, one after the other."""

    def __init__(self, writer: DatabaseWriter, release: Release, seed: int) -> None:
        """File the dictionaries."""
        super().__init__(writer, seed)
        self._hospital, self._identity = Hospital(seed), Identity(seed)
        self._release, self._wards = release, release.wards
        self._clock = release.calendar
        for table, rows in release.dictionaries.items():
            for row in rows:
                self._add(table, *row)

    def _put(self, table: str, *cells: Value) -> int:
        """File a row, with the columns that the release has."""
        pick = self._release.columns.get(table)
        return self._add(table, *(cells if pick is None else pick(cells)))

    def add_patient(self, number: int) -> None:
        """Draw a patient and file all about them."""
        patient = self._hospital.patient(number)
        subject = self._identity.subject(number)
        day = patient.death
        death = None if day is None else self._clock.midnight(day // clock.DAY)
        born = self._clock.midnight(patient.birth_day)
        self._add("patients", subject, patient.sex, born, death)
        for place, stay in enumerate(patient.stays):
            key = subject, self._identity.admission(number, place)
            self._add_admission(key, patient, stay)
            ids = [self._identity.unit_stay(number, place, unit) for unit in (0, 1)]
            self._add_places(key, stay, ids, self._identity.transfer(number, place, 0))
            self._add_body(key, patient, stay, ids)
            self._add_bedside(key, stay, ids)
            self._add_coded(key, stay)
            self._add_events(key, stay)

    def _add_admission(self, key: Key, patient: Patient, stay: Stay) -> None:
        word, person, details = self._release.word, patient.details, stay.details
        leaves = "dead/expired" if stay.died else details["discharge_location"]
        self._put(
            "admissions",
            *key,
            self._clock.text(stay.admitted),
            self._clock.known(stay.discharged),
            word("admission_type", details["admission_type"]),
            word("admission_location", details["admission_location"]),
            None if stay.current else word("discharge_location", leaves),
            word("insurance", person["insurance"]),
            word("language", person["language"]),
            word("marital_status", person["marital_status"]),
            person["ethnicity"],
            clock.age(patient.birth_day, stay.admitted),
        )

    def _add_places(self, key: Key, stay: Stay, ids: list[int], move: int) -> None:
        done: set[int] = set()
        for count, place in enumerate(stay.places):
            ward = self._wards.ward(place)
            unit = None if place.number is None else ids[place.number]
            if place.number is not None and place.number not in done:
                done.add(place.number)
                part = [other for other in stay.places if other.number == place.number]
                self._add_unit_stay((*key, ids[place.number]), part)
            kind = "transfer" if count else "admit"
            start, end = self._clock.text(place.start), self._clock.known(place.end)
            said = (kind, ward.name, ward.number, start, end)
            self._put("transfers", *key, unit, move + count, *said)
        if not stay.current:
            when = self._clock.text(stay.discharged)
            last = move + len(stay.places)
            self._put("transfers", *key, None, last, "discharge", None, None, when, None)

    def _add_unit_stay(self, key: tuple[int, int, int], places: list[Place]) -> None:
        first, last = self._wards.ward(places[0]), self._wards.ward(places[-1])
        start, end = self._clock.text(places[0].start), self._clock.known(places[-1].end)
        wards = (first.name, last.name, first.number, last.number)
        self._put("icustays", *key, *wards, start, end)

    def _add_body(self, key: Key, patient: Patient, stay: Stay, ids: list[int]) -> None:
        """File weight and height, once for each stay in intensive care."""
        for unit, minute in stay.first_signs().items():
            when, weight = self._clock.text(minute), weighed(patient, key[1], unit)
            for size, value in (
                (self._release.weight, weight),
                (self._release.height, patient.height),
            ):
                vital = size.vital
                read = min(max(value * size.factor, vital.floor), vital.ceiling)
                said = (round(read, vital.decimals), vital.unit)
                self._add("chartevents", *key, ids[unit], vital.itemid, when, *said)

    def _add_bedside(self, key: Key, stay: Stay, ids: list[int]) -> None:
        charted = self._release.signs
        for signs in stay.signs:
            if signs.unit is None:
                continue
            when, place = self._clock.text(signs.minute), ids[signs.unit]
            for name, value in signs.values.items():
                vital = charted[name]
                self._add("chartevents", *key, place, vital.itemid, when, value, vital.unit)
        for volume in stay.volumes:
            table, item = self._release.volumes[volume.fluid.name, volume.fluid.way]
            when = self._clock.text(volume.minute)
            self._put(table, *key, ids[volume.unit], when, item, volume.amount, "ml")

    def _add_coded(self, key: Key, stay: Stay) -> None:
        when, code = self._clock.text(stay.admitted), self._release.code
        for finding in stay.findings:
            if finding.onset <= clock.NOW:
                row = self._add("diagnoses_icd", *key, code(finding.code), when)
                self._charge(key, "diagnoses_icd", row, finding.code, when)
        if stay.current:
            return
        for done in stay.procedures:
            when = self._clock.text(self._release.procedure_time(stay, done))
            row = self._add("procedures_icd", *key, code(done.code), when)
            self._charge(key, "procedures_icd", row, done.code, when)

    def _add_events(self, key: Key, stay: Stay) -> None:
        text, labs = self._clock.text, self._release.labs
        for result in stay.results:
            item, when = labs[result.analyte.name], text(result.minute)
            row = self._add("labevents", *key, item, when, result.value, result.analyte.unit)
            self._charge(key, "labevents", row, item, when)
        for order in stay.orders:
            start, end = text(order.start), self._clock.known(order.end)
            said = order.drug, order.dose, order.unit, order.route
            row = self._add("prescriptions", *key, start, end, *said)
            self._charge(key, "prescriptions", row, order.drug, start)
        for culture in stay.cultures:
            test = self._release.tests.get(culture.specimen)
            grown = culture.specimen, test, culture.organism
            self._put("microbiologyevents", *key, text(culture.minute), *grown)
