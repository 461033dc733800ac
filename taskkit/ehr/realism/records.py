"""What the measures need of a source: stays with their codes, orders, results and pressures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from taskkit.ehr.realism.reading import Cell, Tables
from taskkit.errors import SourceError

OLDEST = 120  # years; MIMIC-III shifts ages above 89 to 300
SYSTOLIC = ("arterial bp [systolic]", "arterial blood pressure systolic")
DIASTOLIC = ("arterial bp [diastolic]", "arterial blood pressure diastolic")


@dataclass(slots=True)
class Order:
    """A prescription."""

    drug: str
    dose: float | None
    unit: str
    route: str


@dataclass(slots=True)
class StayRecord:
    """A stay in hospital."""

    subject: str
    sex: str
    age: float
    days: float | None
    died: bool
    codes: set[str] = field(default_factory=set)
    """Lower case, without dots, ICD-9 or ICD-10."""
    orders: list[Order] = field(default_factory=list)
    results: dict[str, list[tuple[str, float | None]]] = field(default_factory=dict)
    """Test to its results, each with its time."""
    pressures: dict[str, list[float | None]] = field(default_factory=dict)
    """Time to systolic and diastolic pressure."""
    unit_days: float = 0.0


def read_mimic(tables: Tables, source: Path) -> list[StayRecord]:
    """Read the stays of MIMIC.

    Args:
        tables: The tables of a source.
        source: What to call it where a table is missing.

    Raises:
        SourceError: a table is missing.
    """
    needed = ("patients", "admissions", "diagnoses_icd", "labevents", "prescriptions")
    if missing := [name for name in needed if not tables.has(name)]:
        raise SourceError(f"{source}: no table {missing[0]}: need MIMIC-III, MIMIC-IV or eICU")
    stays = _stays(tables)
    for hadm, *codes in tables.rows("diagnoses_icd", [["hadm_id"], ["icd9_code", "icd_code"]]):
        if (stay := stays.get(str(hadm))) and codes[0]:
            stay.codes.add(str(codes[0]).lower().replace(".", "").split("|")[-1].strip())
    _read_orders(tables, stays)
    _read_results(tables, stays)
    _read_units(tables, stays)
    if tables.has("chartevents"):
        _read_pressures(tables, stays)
    return list(stays.values())


def _moment(cell: Cell) -> datetime | None:
    return None if cell is None else datetime.fromisoformat(str(cell))


def _stays(tables: Tables) -> dict[str, StayRecord]:
    people = {
        str(subject): (str(sex).lower(), _moment(born), age)
        for subject, sex, born, age in tables.rows(
            "patients", [["subject_id"], ["gender"], ["dob"], ["anchor_age"]]
        )
    }
    columns = [
        *(["subject_id"], ["hadm_id"], ["admittime"], ["dischtime"]),
        *(["discharge_location"], ["hospital_expire_flag"]),
    ]
    stays = {}
    for subject, hadm, admitted, discharged, location, flag in tables.rows("admissions", columns):
        start, end = _moment(admitted), _moment(discharged)
        sex, born, anchor = people[str(subject)]
        assert start is not None
        age = float(anchor or 0) if born is None else (start - born).days / 365.25
        died = str(flag) == "1" or str(location).lower() in ("dead/expired", "died")
        days = None if end is None else (end - start).total_seconds() / 86400
        stays[str(hadm)] = StayRecord(
            str(subject), sex, min(age, 90.0) if age > OLDEST else age, days, died
        )
    return stays


def _number(cell: Cell) -> float | None:
    try:
        return None if cell is None else float(cell)
    except ValueError:
        return None


def _read_orders(tables: Tables, stays: dict[str, StayRecord]) -> None:
    columns = [["hadm_id"], ["drug"], ["dose_val_rx"], ["dose_unit_rx"], ["route"]]
    for hadm, drug, dose, unit, route in tables.rows("prescriptions", columns):
        if stay := stays.get(str(hadm)):
            words = str(drug).lower(), _number(dose), str(unit).lower(), str(route).lower()
            stay.orders.append(Order(*words))


def _read_results(tables: Tables, stays: dict[str, StayRecord]) -> None:
    labels = {
        str(item): str(label).lower()
        for item, label in tables.rows("d_labitems", [["itemid"], ["label"]])
    }
    columns = [["hadm_id"], ["itemid"], ["charttime"], ["valuenum"]]
    for hadm, item, time, value in tables.rows("labevents", columns):
        if (stay := stays.get(str(hadm))) and time:
            name = labels.get(str(item), str(item))
            stay.results.setdefault(name, []).append((str(time), _number(value)))


def _read_units(tables: Tables, stays: dict[str, StayRecord]) -> None:
    for hadm, start, end in tables.rows("icustays", [["hadm_id"], ["intime"], ["outtime"]]):
        begun, ended = _moment(start), _moment(end)
        if (stay := stays.get(str(hadm))) and begun and ended:
            stay.unit_days += (ended - begun).total_seconds() / 86400


def _read_pressures(tables: Tables, stays: dict[str, StayRecord]) -> None:
    places: dict[str, int] = {}
    for item, label in tables.rows("d_items", [["itemid"], ["label"]]):
        name = str(label).lower()
        if name in SYSTOLIC or name in DIASTOLIC:
            places[str(item)] = 0 if name in SYSTOLIC else 1
    pairs: dict[str, dict[str, list[float | None]]] = defaultdict(dict)
    columns = [["hadm_id"], ["itemid"], ["charttime"], ["valuenum"]]
    for hadm, item, time, value in tables.rows("chartevents", columns):
        place = places.get(str(item))
        if place is not None and time:
            pair = pairs[str(hadm)].setdefault(str(time), [None, None])
            pair[place] = _number(value)
    for hadm, read in pairs.items():
        if hadm in stays:
            stays[hadm].pressures = read
