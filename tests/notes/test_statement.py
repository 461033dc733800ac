"""Where the record disagrees with a statement."""

from __future__ import annotations

import pytest

from taskkit.notes.moment import When
from taskkit.notes.record import Cell, Event, Kind, Record
from taskkit.notes.statement import Finding, Statement, UnclearError, findings

DAY = When("day", "on 3/2", "2101-03-02 00:00:00", "2101-03-02 23:59:59")
NEXT = When("day", "on 3/3", "2101-03-03 00:00:00", "2101-03-03 23:59:59")
LATER = When("day", "on 3/9", "2101-03-09 00:00:00", "2101-03-09 23:59:59")


def lab(item: str, time: str, value: float) -> Event:
    cells: dict[str, Cell] = {"charttime": time, "valuenum": value, "valueuom": "mg/dl"}
    return Event("lab", item, cells, time)


def record(*events: Event) -> Record:
    kinds: dict[Kind, tuple[Event, ...]] = {"lab": (), "drug": (), "vital": ()}
    for event in events:
        kinds[event.kind] = (*kinds[event.kind], event)
    return Record(
        hadm=1,
        subject=2,
        sex="f",
        age=61,
        admitted="2101-03-01 10:00:00",
        discharged="2101-03-10 10:00:00",
        died=False,
        units=(),
        events=kinds,
    )


STAY = record(
    lab("creatinine", "2101-03-02 06:00:00", 1.2),
    lab("creatinine", "2101-03-03 06:00:00", 1.8),
    lab("glucose", "2101-03-02 06:00:00", 99.0),
    lab("glucose", "2101-03-02 12:00:00", 140.0),
    Event(
        "drug",
        "furosemide",
        {
            "startdate": "2101-03-02 09:00:00",
            "enddate": "2101-03-03 09:00:00",
            "dose_val_rx": "40",
            "dose_unit_rx": "mg",
        },
        "2101-03-02 09:00:00",
    ),
)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement("lab", "creatinine", {"valuenum": 1.2, "valueuom": "mg/dl"}, DAY), ()),
        (Statement("lab", "creatinine", {"valuenum": 1.8}), ()),
        (Statement("lab", "creatinine", {"valuenum": 2.4}, DAY), (Finding("valuenum", 1.2),)),
        (
            Statement("lab", "creatinine", {"valuenum": 1.2, "valueuom": "g/dl"}, DAY),
            (Finding("valueuom", "mg/dl"),),
        ),
        (
            Statement("lab", "creatinine", {"valuenum": 1.2}, LATER),
            (Finding("charttime", "2101-03-02 06:00:00"),),
        ),
        (Statement("lab", "lipase", {"valuenum": 30.0}, DAY), (Finding("label", None),)),
        (Statement("lab", "glucose", {"valuenum": 77.0}, DAY), (Finding("valuenum", None),)),
        (
            Statement("drug", "furosemide", {"dose_val_rx": "80", "dose_unit_rx": "mg"}, LATER),
            (Finding("dose_val_rx", "40"), Finding("startdate", "2101-03-02 09:00:00")),
        ),
        (
            Statement("drug", "furosemide", {"dose_val_rx": "40"}, DAY, until=LATER),
            (Finding("enddate", "2101-03-03 09:00:00"),),
        ),
        (Statement("lab", "creatinine", {}, DAY, until=NEXT, trend="rise"), ()),
        (
            Statement("lab", "creatinine", {}, DAY, until=NEXT, trend="fall"),
            (Finding("trend", "rise"),),
        ),
    ],
    ids=[
        *("agrees", "agrees-at-any-time", "value", "unit", "time", "absent", "several-values"),
        *("two-columns", "end", "trend-agrees", "trend"),
    ],
)
def test_record_disagrees_in(statement: Statement, expected: tuple[Finding, ...]) -> None:
    found = findings(STAY, statement)
    assert [(one.column, one.recorded) for one in found] == [
        (one.column, one.recorded) for one in expected
    ]


def test_a_statement_that_may_be_wrong_in_two_ways_is_refused() -> None:
    with pytest.raises(UnclearError, match="several columns"):
        findings(STAY, Statement("lab", "creatinine", {"valuenum": 1.8}, DAY))


def test_a_trend_without_values_is_refused() -> None:
    with pytest.raises(UnclearError, match="no values"):
        findings(STAY, Statement("lab", "creatinine", {}, DAY, until=LATER, trend="rise"))
