"""One stay reads the same in MIMIC-III, MIMIC-IV, eICU and FHIR: times and values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pytest
from click.testing import CliRunner

from taskkit.cli.main import cli
from taskkit.ehr.course import Hospital
from taskkit.ehr.rendering.eicu_names import read_names
from taskkit.ehr.rendering.moments import Moment
from taskkit.ehr.rendering.timeline import side_by_side
from taskkit.errors import UsageError

SEED = 0
NAMED = {name for table in ("labs", "fluids") for name in read_names(table).values()}
FLUIDS = ("in", "out")
Rows = list[tuple[Moment, Sequence[str]]]


@pytest.fixture(scope="module", params=[3, 17])
def told(request: pytest.FixtureRequest) -> tuple[int, Rows]:
    return request.param, side_by_side(request.param, 0, SEED)


def test_a_stay_is_the_same_in_all(told: tuple[int, Rows]) -> None:
    _, rows = told
    counts = Counter((moment.kind, *map(bool, said)) for moment, said in rows)
    assert counts["result", True, True, True, True] > 100
    for kind in ("stay", "sign", "order", "culture"):
        assert counts[kind, True, True, True, True] > 1, kind
    for kind in FLUIDS:
        assert counts[kind, True, True, True, False] > 1, kind  # FHIR has none
    for moment, said in rows:
        if moment.kind == "sign" and said == ["", "", "", said[3]]:
            continue  # taken on an ordinary ward: the other releases chart intensive care alone
        assert said[3] or moment.kind in (*FLUIDS, "unit") or moment.meaning == "height", moment
        if moment.kind == "unit" or moment.meaning in ("height", "weight"):
            continue  # a change of unit is a stay of its own in eICU; MIMIC-III counts in inches
        assert said[0], moment
        assert said[1], moment
        assert said[2] or moment.value == "no number" or moment.meaning not in NAMED, moment


def test_a_stay_is_as_in_the_course(told: tuple[int, Rows]) -> None:
    number, rows = told
    stay = Hospital(SEED).patient(number).stays[0]
    expected = Counter(
        (order.start - stay.admitted, f"{order.drug} {order.dose} {order.unit} {order.route}")
        for order in stay.orders
    )
    found = Counter((m.minute, said[0]) for m, said in rows if m.kind == "order")
    assert found == expected
    results = Counter((r.minute - stay.admitted, r.value) for r in stay.results)
    values = Counter(
        (m.minute, None if m.value == "no number" else float(m.value))
        for m, _ in rows
        if m.kind == "result"
    )
    assert values == results


def test_the_command_prints_renderings_beside_one_another() -> None:
    stay = Hospital(SEED).patient(3).stays[0]
    first = min(order for order in stay.orders if order.route == "iv")
    said = f"{first.drug} {first.dose} {first.unit} iv"
    words = ["timeline", "3", "--hours", "100", "--only", "order", "--about", said, "--json"]
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    row = json.loads(done.output)[0]
    assert (row["minute"], row["kind"]) == (first.start - stay.admitted, "order")
    assert row["MIMIC-III"] == row["MIMIC-IV"] == said
    done = CliRunner().invoke(cli, words[:-1], standalone_mode=False)
    assert done.exception is None
    assert "patient 3, stay 0, seed 0" in done.output


def test_a_stay_that_is_not_there_is_named() -> None:
    words = ["timeline", "3", "--stay", "9"]
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert str(done.exception).startswith("--stay 9: patient 3 has ")
