"""Reads stays from eICU: a database in EHRSQL's schema, or a folder of the publisher's tables.

The publisher counts minutes from the admission to the unit; such times are made to sort as text.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from taskkit.ehr.realism.reading import Cell, Tables
from taskkit.ehr.realism.records import Order, StayRecord
from taskkit.ehr.rendering.eicu_names import read_names
from taskkit.ehr.rendering.eicu_words import ROUTES
from taskkit.errors import SourceError

FAR = 10**8  # minutes: more than any offset, so that all are positive
OLDEST = 90.0  # years; stands for all above 89
Stays = dict[str, StayRecord]
"""By unit stay: those of one hospital stay share a record."""
STAY = (
    *(["patientunitstayid"], ["patienthealthsystemstayid"], ["uniquepid"], ["gender"], ["age"]),
    *(["hospitaladmittime", "hospitaladmitoffset"], ["unitadmittime"]),
    ["unitdischargetime", "unitdischargeoffset"],
    ["hospitaldischargetime", "hospitaldischargeoffset"],
    ["hospitaldischargestatus"],
)


def read_eicu(tables: Tables, source: Path) -> list[StayRecord]:
    """The hospital stays of eICU, each with what its unit stays hold.

    Args:
        tables: The tables of a source.
        source: What to call it where a table is missing.

    Raises:
        SourceError: a table is missing.
    """
    needed = ("patient", "diagnosis", "lab", "medication")
    if missing := [name for name in needed if not tables.has(name)]:
        raise SourceError(f"{source}: no table {missing[0]}: need MIMIC-III, MIMIC-IV or eICU")
    stays: Stays = {}
    whole: dict[str, StayRecord] = {}
    for unit, hospital, person, sex, age, came, entered, left, gone, status in tables.rows(
        "patient", STAY
    ):
        days = None if gone is None else _days(came, gone)
        died = str(status).lower() == "expired"
        record = whole.setdefault(
            str(hospital), StayRecord(str(person), str(sex).lower(), _age(age), days, died)
        )
        stays[str(unit)] = record
        record.unit_days += 0.0 if left is None else _days(entered or 0, left)
    _read_codes(tables, stays)
    _read_orders(tables, stays)
    _read_results(tables, stays)
    if tables.has("vitalperiodic"):
        _read_pressures(tables, stays)
    return list(whole.values())


def _age(cell: Cell) -> float:
    text = str(cell or "0")
    return OLDEST if text.startswith(">") else float(text)


def _days(start: Cell, end: Cell) -> float:
    if isinstance(start, str) and ":" in start:
        passed = datetime.fromisoformat(str(end)) - datetime.fromisoformat(start)
        return passed.total_seconds() / 86400
    return (float(end or 0) - float(start or 0)) / 1440


def _time(cell: Cell) -> str:
    """A time that sorts as text."""
    text = str(cell)
    return text if ":" in text else f"{int(text) + FAR}"


def _read_codes(tables: Tables, stays: Stays) -> None:
    for unit, codes in tables.rows("diagnosis", [["patientunitstayid"], ["icd9code"]]):
        if (stay := stays.get(str(unit))) and codes:
            stay.codes.update(
                code.strip().lower().replace(".", "") for code in str(codes).split(",")
            )


def _read_orders(tables: Tables, stays: Stays) -> None:
    routes = {name: route for style in ROUTES.values() for route, name in style.items()}
    columns = [["patientunitstayid"], ["drugname"], ["dosage"], ["routeadmin"]]
    for unit, drug, dosage, route in tables.rows("medication", columns):
        if (stay := stays.get(str(unit))) and drug:
            number, _, measure = str(dosage or "").partition(" ")
            way = str(route).lower()
            name = str(drug).lower().split(f" {dosage} ".lower())[0]
            stay.orders.append(Order(name, _number(number), measure.lower(), routes.get(way, way)))


def _number(cell: Cell) -> float | None:
    try:
        return None if cell is None else float(cell)
    except ValueError:
        return None


def _read_results(tables: Tables, stays: Stays) -> None:
    names = {label: name for name, label in reversed(read_names("labs").items())}
    time = ["labresulttime", "labresultoffset"]
    columns = [["patientunitstayid"], ["labname"], ["labresult"], time]
    for unit, label, value, when in tables.rows("lab", columns):
        if (stay := stays.get(str(unit))) and when is not None:
            name = names.get(str(label).lower(), str(label).lower())
            stay.results.setdefault(name, []).append((_time(when), _number(value)))


def _read_pressures(tables: Tables, stays: Stays) -> None:
    time = ["observationtime", "observationoffset"]
    columns = [["patientunitstayid"], ["systemicsystolic"], ["systemicdiastolic"], time]
    for unit, systolic, diastolic, when in tables.rows("vitalperiodic", columns):
        if (stay := stays.get(str(unit))) and when is not None:
            stay.pressures[f"{unit} {_time(when)}"] = [_number(systolic), _number(diastolic)]
