"""What is done at the bedside and in theatre: procedures, what goes in and what comes out."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import DAY
from taskkit.ehr.course.catalogue import Catalogue, Fluid, PersonEntry, Procedure
from taskkit.ehr.course.patient import Patient
from taskkit.ehr.course.rule import cause
from taskkit.ehr.course.ruled import Table
from taskkit.ehr.course.stay import Done, Stay, Volume

REPEATED = 0.07  # share of procedures that are done twice
BEGUN_OUTSIDE = ("or ", "pre-admission")  # charted on arrival in the unit
URINE = "urine out foley"


class Care:
    """Draws procedures and volumes."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know the tables."""
        self._procedures, self._fluids = Table(catalogue.procedures), Table(catalogue.fluids)
        self._people = catalogue.people

    def operate(self, chance: Chance, patient: Patient, stay: Stay) -> None:
        """File the procedures of a stay, in order of time."""
        for procedure, likely in self._procedures.likely(stay.onsets):
            if procedure.sex in ("-", patient.sex) and chance.random() < likely:
                self._do(chance, stay, procedure)
        stay.procedures.sort()

    def _do(self, chance: Chance, stay: Stay, procedure: Procedure) -> None:
        onset = max(stay.onsets.get(cause(procedure.given, stay.onsets), 0), stay.admitted)
        again = 1 if chance.random() < REPEATED else 0
        for _ in range(1 + again):
            minute = onset + chance.whole(20, 16 * 60)
            onset += chance.whole(DAY, 3 * DAY)
            stay.procedures.append(Done(min(minute, stay.discharged), procedure.code))

    def balance(self, chance: Chance, stay: Stay) -> None:
        """File what went in and came out in intensive care, in order of time."""
        for fluid, likely in self._fluids.likely(stay.onsets):
            if chance.random() < likely:
                self._volumes(chance, stay, fluid)
        stay.volumes.sort(key=lambda volume: volume.minute)

    def _volumes(self, chance: Chance, stay: Stay, fluid: Fluid) -> None:
        reason = cause(fluid.given, stay.onsets)
        onset = stay.onsets.get(reason, stay.admitted)
        end = next((span.end for span in stay.spans if span.name == reason), stay.until)
        rate = chance.between(0.5, 1.4)
        for part in stay.places:
            if part.number is None:
                continue
            begin = max(part.start, onset)
            minute = begin + chance.whole(5, 60 + int(fluid.hours * 60))
            if fluid.name.startswith(BEGUN_OUTSIDE):
                minute = part.start + chance.whole(1, 60)
            for _ in range(60):
                if minute > min(part.end, end, stay.until):
                    break
                amount = fluid.mean * rate * chance.between(0.4, 1.6) * _thirst(stay, fluid, minute)
                value = float(round(min(max(amount, fluid.least), fluid.most)))
                assert part.number is not None
                stay.volumes.append(Volume(minute, fluid, value, part.number))
                if not fluid.hours:
                    return
                minute += int(fluid.hours * 60 * chance.between(0.7, 1.6))

    def administer(self, chance: Chance, patient: Patient) -> None:
        """Draw what administration knows of a patient and of each stay."""
        age = patient.age(patient.stays[0].admitted)
        for field in ("insurance", "language", "marital_status", "ethnicity"):
            patient.details[field] = self._one(chance, field, age, ())
        for stay in patient.stays:
            traits = [*stay.onsets, "elective" if stay.elective else "unplanned"]
            age = patient.age(stay.admitted)
            for field in ("admission_location", "discharge_location"):
                stay.details[field] = self._one(chance, field, age, traits)
            kind = "elective" if stay.elective else "emergency"
            if kind == "emergency" and chance.random() < 0.07:
                kind = "urgent"
            stay.details["admission_type"] = kind

    def _one(
        self, chance: Chance, field: str, age: float, traits: list[str] | tuple[()]
    ) -> str | None:
        fitting: list[PersonEntry] = [
            entry
            for entry in self._people
            if entry.field == field
            and entry.start <= age < entry.until + 1
            and (entry.given is None or entry.given in traits)
        ]
        point = chance.random() * sum(entry.weight for entry in fitting)
        for entry in fitting:
            point -= entry.weight
            if point < 0:
                return entry.value
        return fitting[-1].value


def _thirst(stay: Stay, fluid: Fluid, minute: int) -> float:
    """Less urine from poor kidneys and while blood pressure is low."""
    if fluid.name != URINE:
        return 1.0
    factor = 1.0
    if "kidney-injury" in stay.onsets and stay.onsets["kidney-injury"] <= minute:
        factor *= 0.45
    if "esrd" in stay.onsets:
        factor *= 0.2
    return factor * (1.25 - 0.5 * min(stay.ill(minute), 1.5))
