"""Fills in all that happens during the stays of a patient, in the order in which it is decided."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.course.care import Care
from taskkit.ehr.course.catalogue import Catalogue
from taskkit.ehr.course.diagnosis import person_traits
from taskkit.ehr.course.laboratory import Laboratory
from taskkit.ehr.course.microbiology import Microbiology
from taskkit.ehr.course.monitor import watch
from taskkit.ehr.course.patient import Patient
from taskkit.ehr.course.pharmacy import Pharmacy
from taskkit.ehr.course.physiology import Body
from taskkit.ehr.course.placement import place, support
from taskkit.ehr.course.practice import Practice
from taskkit.ehr.course.stay import Stay

HEIGHTS = {"m": (176.0, 7.0), "f": (162.0, 6.5)}  # cm: mean and standard deviation
ADULT = 17  # years


class Chart:
    """Writes the chart of each stay."""

    def __init__(self, catalogue: Catalogue, practice: Practice) -> None:
        """Prepare everybody who writes in it."""
        self._catalogue, self._practice = catalogue, practice
        self._laboratory, self._pharmacy = Laboratory(catalogue), Pharmacy(catalogue)
        self._microbiology, self._care = Microbiology(catalogue), Care(catalogue)
        self._chronic = {c.code: c.traits for c in catalogue.conditions.values() if c.chronic}

    def fill(self, chance: Chance, patient: Patient) -> None:
        """Fill in the stays of a patient, earliest first."""
        self._care.administer(chance, patient)
        _measure(chance, patient, obese=self._obese(patient))
        last = patient.stays[-1]
        for stay in patient.stays:
            place(chance, stay, self._practice, sure=stay is last)
            support(chance, stay, self._catalogue.supports, self._practice)
            self._treat(chance, patient, stay)

    def _treat(self, chance: Chance, patient: Patient, stay: Stay) -> None:
        age = patient.age(stay.admitted)
        chronic = self._lasting(patient, stay, age)
        self._pharmacy.prescribe(chance, patient, stay)
        self._microbiology.cultures(chance, stay)
        for culture in list(stay.cultures):
            if culture.organism:
                self._pharmacy.answer(chance, patient, stay, culture)
        uneven = self._practice.weaned
        body = Body(chance, self._catalogue.states, patient, stay, chronic, uneven=uneven)
        self._pharmacy.react(chance, stay, self._laboratory.work(chance, stay, body))
        stay.orders.sort()
        signs = Body(chance, self._catalogue.signs, patient, stay, chronic, uneven=uneven)
        watch(chance, stay, signs, age, self._practice)
        self._care.operate(chance, patient, stay)
        self._care.balance(chance, stay)

    def _lasting(self, patient: Patient, stay: Stay, age: float) -> frozenset[str]:
        """The traits of a stay that do not change with severity."""
        found = person_traits(patient.sex, age)
        for finding in stay.findings:
            if finding.chronic:
                found.update(self._chronic[finding.code])
        for condition in patient.chronic:
            if condition.age <= age:
                found.update(self._chronic[condition.code])
        return frozenset(found)

    def _obese(self, patient: Patient) -> bool:
        return any("obese" in self._chronic[condition.code] for condition in patient.chronic)


def _measure(chance: Chance, patient: Patient, *, obese: bool) -> None:
    """Height and weight; a body mass index of about 27, or 37 of the obese."""
    mean, spread = HEIGHTS[patient.sex]
    age = patient.age(patient.stays[0].admitted)
    young = min(age, ADULT)
    patient.height = mean + spread * chance.normal() - 4.5 * (ADULT - young)
    index = (36.5 if obese else 26.5) + 3.8 * chance.normal() - 0.9 * (ADULT - young)
    patient.weight = max(index, 15.5) * (patient.height / 100) ** 2
