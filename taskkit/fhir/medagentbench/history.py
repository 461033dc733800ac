"""Observations that give back every audited value: the real histories are not public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zlib import crc32

from taskkit.errors import SourceError
from taskkit.fhir.index import Resource
from taskkit.fhir.medagentbench.files import Record
from taskkit.fhir.synthetic.build import key, quantity, stamp, status

NOW = datetime(2023, 11, 13, 10, 15, tzinfo=UTC)
UNITS = {"MG": "mg/dL", "GLU": "mg/dL", "K": "mmol/L", "A1C": "%"}
CODES = tuple(UNITS)
SPREAD = 600  # minutes; times differ from patient to patient, so that none can be guessed
MISSING = -1  # what the published answers say where there is no value


@dataclass
class Known:
    """What is known of one patient's analyte."""

    day: float | None = None
    """The last value of the last day; None where it is not known."""
    none_of_day: bool = False
    """No value of the last day."""
    mean: float | None = None
    """The mean of the last day."""
    last: float | None = None
    """The last value of all."""
    at: datetime | None = None
    """Its time, where that is known."""


@dataclass
class Histories:
    """What is known of all patients."""

    known: dict[tuple[str, str], Known] = field(default_factory=dict)

    def of(self, patient: str, code: str) -> Known:
        """What is known of a patient's analyte."""
        return self.known.setdefault((patient, code), Known())


def gather(records: Iterable[Record]) -> Histories:
    """Collect the audited values by patient."""
    found = Histories()
    for one in records:
        if one.patient is None:
            continue
        said = one.audited
        match one.template:
            case "task4":
                day(found.of(one.patient, "MG"), said["live_ref_sol"][0])
            case "task5":
                value = said["live_latest_24h"]
                day(found.of(one.patient, "MG"), MISSING if value is None else value)
            case "task6":
                mean = said["live_ref_sol_approx"][0]
                known = found.of(one.patient, "GLU")
                if mean == MISSING:
                    known.none_of_day = True
                else:
                    known.mean = mean
            case "task7":
                found.of(one.patient, "GLU").last = said["live_ref_sol_approx"][0]
            case "task9":
                found.of(one.patient, "K").last = said["live_latest_K"]
            case "task10" if said["live_last_iso"]:
                known = found.of(one.patient, "A1C")
                known.last = said["live_ref_sol"][0]
                known.at = datetime.fromisoformat(said["live_last_iso"])
    return found


def day(known: Known, value: float) -> None:
    """Take what is known of the last day."""
    if value == MISSING:
        known.none_of_day = True
    else:
        known.day = value


def observations(records: Iterable[Record]) -> Iterator[Resource]:
    """The Observations of all patients.

    Raises:
        SourceError: two audited values of a patient exclude one another.
    """
    for (patient, code), known in sorted(gather(records).known.items()):
        points = series(patient, code, known)
        for at, value in sorted(points):
            yield observation(patient, code, at, value)


def times(records: Iterable[Record], code: str) -> dict[str, str]:
    """The time of each patient's last value of an analyte, as an answer gives it."""
    found = gather(records).known
    return {
        patient: max(series(patient, code, known))[0].strftime("%Y-%m-%d %H:%M:%S")
        for (patient, one), known in found.items()
        if one == code and series(patient, code, known)
    }


def series(patient: str, code: str, known: Known) -> list[tuple[datetime, float]]:
    """Times and values that fit what is known, with an older value that a careless reader takes.

    Raises:
        SourceError: two audited values exclude one another.
    """
    if known.none_of_day and (known.day is not None or known.mean is not None):
        raise SourceError(f"patient {patient}: {code}: a value and none in the last day")
    early = timedelta(minutes=crc32(f"{patient} {code}".encode()) % SPREAD)
    last = known.day if known.day is not None else known.last
    if known.mean is not None:
        other, late = known.mean - 4, known.mean + 4
        if last is not None:
            other, late = 2 * known.mean - last, last
        if other <= 0:
            raise SourceError(f"patient {patient}: {code}: mean {known.mean}, last {last}")
        old = (hours(31) - early, known.mean * 1.2)
        return [old, (hours(9) - early, other), (hours(3) - early, late)]
    if known.none_of_day:
        value = last if last is not None else 1.8 if code == "MG" else 110.0
        at = hours(52) - early
        return [(at - timedelta(days=30), round(value * 1.1, 1)), (at, value)]
    if last is None:
        return []
    at = known.at if known.at is not None else hours(4) - early
    return [(at - timedelta(days=91), round(last * 1.15, 1)), (at, last)]


def hours(number: float) -> datetime:
    """So many hours ago."""
    return NOW - timedelta(hours=number)


def observation(patient: str, code: str, at: datetime, value: float) -> Resource:
    """One laboratory value, with the text-like code that the published server has."""
    return {
        "resourceType": "Observation",
        "id": key("medagentbench", patient, code, at.isoformat()),
        "status": "final",
        "category": [status("observation-category", "laboratory")],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": code},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": stamp(at),
        "valueQuantity": quantity(value, UNITS[code]),
    }
