"""The embedded hospital behaves as the open demos do, and a source that does not is found out."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from taskkit.cli.main import cli
from taskkit.ehr.realism.bands import BANDS, rising, within
from taskkit.ehr.realism.doses import outside
from taskkit.ehr.realism.measures import Measure, coupling, course, measure
from taskkit.ehr.realism.picture import picture
from taskkit.ehr.realism.possible import impossible
from taskkit.ehr.realism.records import Order, StayRecord
from taskkit.ehr.realism.source import EMBEDDED, Source, read_embedded, read_source
from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.errors import SourceError

DOMAIN = Path(__file__).parents[2] / "domains" / "mimic"


@cache
def sample(name: str) -> Source:
    """300 patients of the embedded hospital; all renderings tell of the same ones."""
    return read_embedded(name, patients=300, seed=7)


@cache
def measures(name: str) -> dict[str, Measure]:
    return {one.name: one for one in measure(sample(name).stays)}


@pytest.mark.parametrize("name", BANDS)
@pytest.mark.parametrize("rendering", EMBEDDED)
def test_every_rendering_is_within_every_band(rendering: str, name: str) -> None:
    found = measures(rendering)[name]
    assert within(found, sample(rendering).bands), found


def test_mimic_iii_and_mimic_iv_measure_the_same() -> None:
    apart = {
        name: (one.value, measures("mimic-iv")[name].value)
        for name, one in measures("mimic").items()
        if one.value != pytest.approx(measures("mimic-iv")[name].value)
    }
    assert not apart


def _faulty(stay: StayRecord, drug: str) -> StayRecord:
    """A stay in which everybody is dead, gets a drug a hundredfold, and has no number."""
    orders = [*stay.orders, Order(drug, 4000.0, "mg", "iv")]
    results: dict[str, list[tuple[str, float | None]]] = {
        test: [(time, None) for time, _ in found] for test, found in stay.results.items()
    }
    return replace(stay, died=True, orders=orders, results=results)


def test_faults_are_outside_their_bands() -> None:
    stays = sample("mimic").stays
    found = {one.name: one for one in measure([_faulty(one, "furosemide") for one in stays])}
    outside = {name for name in BANDS if not within(found[name])}
    assert outside >= {
        *("in hospital", "times as often with", "doses outside their route's range"),
        *("furosemide | heart failure, with", "furosemide | heart failure, without"),
        *("results without a number", "hemoglobin, median", "hemoglobin, lag 1"),
        *("hemoglobin ~ hematocrit", "sodium ~ chloride"),
    }
    assert "systolic ~ diastolic" not in outside


def test_death_rises_with_age() -> None:
    assert rising(measures("mimic")["in hospital"].shape)
    assert not rising((0.1, 0.1, 0.1, 0.1))


def stay(**changes: object) -> StayRecord:
    return replace(StayRecord("1", "f", 60.0, 5.0, died=False), **changes)  # type: ignore[arg-type]


def test_shuffled_results_have_no_course() -> None:
    random, stays = Random(1), sample("mimic").stays
    values = [v for s in stays for _, v in s.results.get("hemoglobin", ())]
    random.shuffle(values)
    shuffled = iter(values)
    mixed = [
        stay(results={"hemoglobin": [(t, next(shuffled)) for t, _ in s.results["hemoglobin"]]})
        for s in stays
        if "hemoglobin" in s.results
    ]
    found = course(mixed, "hemoglobin")
    assert found is not None
    assert found < 0.1


def test_a_course_is_the_correlation_with_the_value_before() -> None:
    rising = [("1", 1.0), ("2", 2.0), ("3", 3.0), ("4", 4.0)]
    assert course([stay(results={"x": rising})] * 7, "x") == pytest.approx(1)
    jumping = [("1", 1.0), ("2", 3.0), ("3", 1.0), ("4", 3.0)]
    assert course([stay(results={"x": jumping})] * 7, "x") == pytest.approx(-1)
    assert course([stay(results={"x": rising[:3]})] * 7, "x") is None


def test_a_coupling_takes_results_of_one_time_only() -> None:
    one = {"a": [("1", 1.0), ("2", 2.0)], "b": [("1", 5.0), ("2", 7.0), ("3", 0.0)]}
    assert coupling([stay(results=one)] * 10, "a", "b") == pytest.approx(1)
    apart = {"a": [("1", 1.0), ("2", 2.0)], "b": [("3", 5.0), ("4", 7.0)]}
    assert coupling([stay(results=apart)] * 20, "a", "b") is None


@pytest.mark.parametrize(
    ("sex", "age", "code", "wrong"),
    [
        ("m", 12, "1749", True),
        ("m", 60, "1830", True),
        ("f", 70, "60000", True),
        ("f", 18, "3310", True),
        ("f", 18, "3314", False),
        ("m", 12, "c50919", True),
        ("f", 45, "1749", False),
        ("m", 15, "41401", True),
        ("m", 15, "4928", False),
    ],
)
def test_what_cannot_be_is_known(sex: str, age: float, code: str, *, wrong: bool) -> None:
    assert impossible(stay(sex=sex, age=age, codes={code})) is wrong


@pytest.mark.parametrize(
    ("route", "dose", "wrong"),
    [
        ("iv", 5, False),
        ("iv", 100, True),
        ("po", 100, False),
        ("sc", 5, None),
        ("iv drip", 50, True),
    ],
)
def test_a_dose_is_held_to_its_route(route: str, dose: float, wrong: bool | None) -> None:
    assert outside(Order("metoprolol tartrate", dose, "mg", route)) is wrong


def test_pictures_grow_with_numbers() -> None:
    assert picture([0, 1, 2, 4]) == " ▂▄█"
    assert picture([]) == picture([0, 0]) == ""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.sqlite"
    generate(path, domain=DOMAIN, patients=40, seed=1)
    return path


def test_the_command_marks_what_is_outside(small: Path) -> None:
    connection = sqlite3.connect(small)
    connection.execute("update labevents set valuenum = null")
    connection.commit()
    connection.close()
    done = CliRunner().invoke(cli, ["realism", str(small), "--json"], standalone_mode=False)
    said = json.loads(done.output)
    assert done.return_value == 1
    assert "results without a number" in said["outside"]
    assert "hemoglobin, lag 1" in said["outside"]


def test_the_command_shows_sources_beside_one_another(small: Path) -> None:
    arguments = ["realism", str(small), "--against", str(small)]
    done = CliRunner().invoke(cli, arguments, standalone_mode=False)
    assert done.exception is None
    assert "hemoglobin ~ hematocrit" in done.output
    assert "measures outside their band" in done.output


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no CSV files: need the tables of a release$"):
        read_source(tmp_path)
    with pytest.raises(SourceError, match=r"none\.sqlite: no such file"):
        read_source(tmp_path / "none.sqlite")
