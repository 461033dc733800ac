"""The synthetic eICU hangs together: keys, times, ages, the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from taskkit.ehr.rendering.eicu import generate_eicu
from taskkit.errors import UsageError

DOMAIN = Path(__file__).parents[2] / "domains" / "eicu"
NOW = "2105-12-31 23:59:00"
PATIENTS = 200


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("synthetic") / "eicu.sqlite"
    generate_eicu(path, domain=DOMAIN, patients=PATIENTS, seed=7)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def count(database: sqlite3.Connection, sql: str) -> int:
    return int(database.execute(f"select count(*) from {sql}").fetchone()[0])


def columns(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return database.execute(
        "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c"
        " where m.type = 'table'"
    ).fetchall()


def test_every_column_varies(database: sqlite3.Connection) -> None:
    assert len({table for table, _ in columns(database)}) == 10
    constant = [
        f"{table}.{column}"
        for table, column in columns(database)
        if count(database, f"(select distinct {column} from {table} where {column} is not null)")
        < 2
    ]
    assert not constant


def test_events_belong_to_unit_stays(database: sqlite3.Connection) -> None:
    assert database.execute("pragma foreign_key_check").fetchall() == []
    for table in ("diagnosis", "treatment", "lab", "medication"):
        charged = (
            f"{table} e join patient p using (patientunitstayid) join cost c"
            f" on c.eventtype = '{table}' and c.eventid = e.{table}id"
            " and c.uniquepid = p.uniquepid"
            " and c.patienthealthsystemstayid = p.patienthealthsystemstayid"
        )
        assert count(database, charged) == count(database, table) > 0


def test_times_follow_one_another(database: sqlite3.Connection) -> None:
    wrong = (
        "patient where not (hospitaladmittime <= unitadmittime"
        " and coalesce(unitdischargetime, '9') > unitadmittime"
        " and coalesce(hospitaldischargetime, '9') >= coalesce(unitdischargetime, '9') )"
    )
    assert count(database, wrong) == 0
    for table, column in columns(database):
        if column.endswith("time"):
            assert count(database, f"{table} where {column} > '{NOW}'") == 0


def test_there_are_several_stays_and_current_patients(database: sqlite3.Connection) -> None:
    several = "(select 1 from patient group by {} having count(*) > 1)"
    assert count(database, several.format("patienthealthsystemstayid")) > PATIENTS / 10
    stays = "(select distinct uniquepid, patienthealthsystemstayid from patient)"
    returning = f"(select 1 from {stays} group by uniquepid having count(*) > 1)"
    assert count(database, returning) > PATIENTS / 10
    current = "(select distinct uniquepid from patient where hospitaldischargetime is null)"
    assert count(database, current) == PATIENTS / 10
    assert count(database, "patient where unitdischargetime is null") > PATIENTS / 20


def test_discharge_is_known_only_once_it_is_past(database: sqlite3.Connection) -> None:
    unknown = "hospitaldischargestatus is null"
    assert count(database, f"patient where (hospitaldischargetime is null) <> ({unknown})") == 0
    assert count(database, "patient where unitdischargetime is null and dischargeweight > 0") == 0


def test_text_is_in_lower_case(database: sqlite3.Connection) -> None:
    for table, column in columns(database):
        assert count(database, f"{table} where {column} <> lower({column})") == 0


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        path = tmp_path / f"{name}.sqlite"
        generate_eicu(path, domain=DOMAIN, patients=8, seed=3)
        digests.add(sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_more_patients_leave_the_earlier_as_they_are(tmp_path: Path) -> None:
    found = []
    for patients in (5, 9):
        path = tmp_path / f"{patients}.sqlite"
        generate_eicu(path, domain=DOMAIN, patients=patients, seed=3)
        rows = sqlite3.connect(path).execute("select * from lab order by labid").fetchall()
        found.append(rows)
    assert found[1][: len(found[0])] == found[0]


def test_too_many_patients_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="patients: 0"):
        generate_eicu(tmp_path / "no.sqlite", domain=DOMAIN, patients=0)
