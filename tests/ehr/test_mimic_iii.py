"""A MIMIC-III database holds what EHRSQL's steps say, for every choice of the user."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from taskkit.build.origin import Origin
from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.errors import SourceError
from tests.ehr.small_release import DOMAINS, Tables, mimic_iii, write
from tests.ehr.upstream import upstream

DOMAIN = DOMAINS / "mimic"
PLAIN = MimicOptions(shift_times=False, shuffle_values=False, stay_percentile=None)
TIMES = {
    "patients": ("dob", "dod"),
    "admissions": ("admittime", "dischtime"),
    "icustays": ("intime", "outtime"),
    "transfers": ("intime", "outtime"),
    "diagnoses_icd": ("charttime",),
    "procedures_icd": ("charttime",),
    "labevents": ("charttime",),
    "prescriptions": ("startdate", "enddate"),
    "chartevents": ("charttime",),
    "inputevents_cv": ("charttime",),
    "outputevents": ("charttime",),
    "microbiologyevents": ("charttime",),
    "cost": ("chargetime",),
}
VALUES = {
    "diagnoses_icd": "icd9_code",
    "labevents": "itemid, valuenum, valueuom",
    "prescriptions": "drug, dose_val_rx, dose_unit_rx, route",
    "chartevents": "itemid, valuenum, valueuom",
    "inputevents_cv": "itemid, amount",
    "outputevents": "itemid, value",
    "microbiologyevents": "spec_type_desc, org_name",
}


def build(
    folder: Path, options: MimicOptions = PLAIN, tables: Tables | None = None
) -> sqlite3.Connection:
    return sqlite3.connect(built(folder, options, tables)[0])


def built(
    folder: Path, options: MimicOptions = PLAIN, tables: Tables | None = None
) -> tuple[Path, Origin]:
    folder.mkdir(exist_ok=True)
    source = write(folder / "source", tables or mimic_iii())
    target = folder / "mimic.sqlite"
    return target, build_mimic_iii(source, target, options, DOMAIN)


def rows(connection: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()


def test_rows_arrive_as_in_the_source(tmp_path: Path) -> None:
    db = build(tmp_path)
    assert rows(db, "select * from patients limit 1") == [
        (0, 9001, "f", "2100-01-01 00:00:00", None)
    ]
    assert rows(db, "select * from admissions limit 1") == [
        (
            *(0, 9001, 8001, "2131-03-01 08:00:00", "2131-03-04 17:30:00", "emergency", "clinic"),
            *("home", "medicare", None, "married", "white", 31),
        )
    ]
    assert rows(db, "select * from icustays limit 1") == [
        (
            *(0, 9001, 8001, 7001, "unit 1", "unit 1", 1, 1),
            *("2131-03-01 09:00:00", "2131-03-04 17:30:00"),
        )
    ]
    assert rows(db, "select * from transfers where subject_id = 9001") == [
        (
            *(0, 9001, 8001, 7001, "admit", "unit 1", 1),
            *("2131-03-01 09:00:00", "2131-03-04 17:30:00"),
        ),
        (1, 9001, 8001, None, "discharge", None, None, "2131-03-04 17:30:00", None),
    ]
    assert rows(db, "select * from labevents where subject_id = 9001") == [
        (0, 9001, 8001, 50912, "2131-03-02 12:00:00", 0.1, "mg/dl"),
        (1, 9001, 8001, 50971, "2131-03-02 12:00:00", 4.5, None),
    ]
    assert rows(db, "select * from chartevents limit 1") == [
        (0, 9001, 8001, 7001, 211, "2131-03-02 12:00:00", 61.0, "bpm")
    ]
    assert rows(db, "select * from inputevents_cv where subject_id = 9001") == [
        (0, 9001, 8001, 7001, "2131-03-02 12:00:00", 30056, 101.0)
    ]
    assert rows(db, "select * from outputevents limit 1") == [
        (0, 9001, 8001, 7001, "2131-03-02 12:00:00", 40055, 201.0)
    ]
    assert rows(db, "select * from microbiologyevents limit 2") == [
        (0, 9001, 8001, "2131-03-01 00:00:00", "urine", None),
        (1, 9001, 8001, "2131-03-02 12:00:00", "blood", "yeast"),
    ]
    assert rows(db, "select itemid, label from d_items") == [
        (211, "heart rate"), (30056, "po intake"), (40055, "urine out foley")
    ]  # fmt: skip


def test_diagnoses_have_the_time_of_admission_and_procedures_that_of_discharge(
    tmp_path: Path,
) -> None:
    db = build(tmp_path)
    assert rows(db, "select * from diagnoses_icd where subject_id = 9001") == [
        (0, 9001, 8001, "0010", "2131-03-01 08:00:00"),
        (1, 9001, 8001, "4019", "2131-03-01 08:00:00"),
    ]
    assert rows(db, "select * from procedures_icd where subject_id = 9001") == [
        (0, 9001, 8001, "0016", "2131-03-04 17:30:00")
    ]


def test_prescriptions_keep_whole_doses_in_the_most_frequent_unit(tmp_path: Path) -> None:
    doses = "select dose_val_rx, dose_unit_rx, route from prescriptions where subject_id = 9001"
    assert rows(build(tmp_path / "one"), doses) == [("1000", "mg", "po")]
    every = PLAIN.model_copy(update={"one_unit_per_drug": False})
    assert rows(build(tmp_path / "all", every), doses) == [
        ("1000", "mg", "po"), ("1", "tab", "po")
    ]  # fmt: skip


def test_every_priced_event_has_one_charge_at_its_time_and_concepts_one_price(
    tmp_path: Path,
) -> None:
    db = build(tmp_path)
    concepts = {
        "diagnoses_icd": ("icd9_code", "charttime"),
        "labevents": ("itemid", "charttime"),
        "procedures_icd": ("icd9_code", "charttime"),
        "prescriptions": ("drug", "startdate"),
    }
    assert rows(db, "select count(*), min(row_id), max(row_id) from cost") == [(41, 0, 40)]
    for table, (concept, time) in concepts.items():
        joined = (
            f"from {table} e join cost c on c.event_type = '{table}' and c.event_id = e.row_id "
            f"and c.hadm_id = e.hadm_id and c.subject_id = e.subject_id and c.chargetime = e.{time}"
        )
        assert rows(db, f"select count(*) {joined}") == rows(db, f"select count(*) from {table}")
        prices = rows(db, f"select count(distinct cost), min(cost) {joined} group by {concept}")
        assert all(count == 1 and float(str(least)) > 0 for count, least in prices)


def test_the_form_of_the_files_changes_no_byte(tmp_path: Path) -> None:
    forms = [(upper, gz) for upper in (False, True) for gz in (False, True)]
    made = set()
    for upper, gz in forms:
        source = write(tmp_path / f"{upper}{gz}", mimic_iii(), upper=upper, gz=gz)
        target = tmp_path / "db.sqlite"
        build_mimic_iii(source, target, MimicOptions(), DOMAIN)
        made.add(target.read_bytes())
    assert len(made) == 1


def test_another_seed_gives_another_database(tmp_path: Path) -> None:
    one, _ = built(tmp_path / "1", MimicOptions(seed=1))
    two, _ = built(tmp_path / "2", MimicOptions(seed=2))
    assert one.read_bytes() != two.read_bytes()


@pytest.mark.parametrize("seed", range(5))
def test_moved_times_keep_their_distances_and_end_by_now(tmp_path: Path, seed: int) -> None:
    options = PLAIN.model_copy(update={"shift_times": True, "seed": seed, "current_ratio": 0.5})
    db = build(tmp_path, options)
    for table, columns in TIMES.items():
        for column in columns:
            late = f"select count(*) from {table} where {column} > '2105-12-31 23:59:00'"
            assert rows(db, late) == [(0,)]
    assert rows(db, "select count(*) from admissions where dischtime is null") == [(3,)]
    stays = rows(db, "select hadm_id, julianday(dischtime) - julianday(admittime) from admissions")
    moved = {hadm: round(float(str(days)), 4) for hadm, days in stays if days is not None}
    assert moved == {hadm: round(3 + (hadm - 8000) % 6 - 1 + 9.5 / 24, 4) for hadm in moved}  # type: ignore[operator]
    years = rows(db, "select min(admittime), max(admittime) from admissions")
    assert str(years[0][0]) >= "2100"
    assert str(years[0][1]) < "2106"


def test_a_current_stay_has_no_discharge_no_destination_and_no_procedures(tmp_path: Path) -> None:
    options = PLAIN.model_copy(update={"shift_times": True, "current_ratio": 0.5})
    db = build(tmp_path, options)
    now = "(select hadm_id from admissions where dischtime is null)"
    assert rows(db, f"select count(*) from procedures_icd where hadm_id in {now}") == [(0,)]
    assert rows(
        db, "select distinct discharge_location from admissions where dischtime is null"
    ) == [(None,)]
    assert rows(db, f"select count(*) from icustays where hadm_id in {now} and outtime > ''") == [
        (0,)
    ]


def test_chance_alone_may_give_no_current_patients(tmp_path: Path) -> None:
    options = PLAIN.model_copy(update={"shift_times": True, "place_current": False})
    assert rows(
        build(tmp_path, options), "select count(*) from admissions where dischtime is null"
    ) == [(0,)]


def test_shuffled_values_are_the_same_in_sum_and_other_in_place(tmp_path: Path) -> None:
    still = build(tmp_path / "still", tables=mimic_iii(30))
    options = PLAIN.model_copy(update={"shuffle_values": True})
    shuffled = build(tmp_path / "shuffled", options, mimic_iii(30))
    for table, columns in VALUES.items():
        before = rows(still, f"select {columns} from {table} order by row_id")
        after = rows(shuffled, f"select {columns} from {table} order by row_id")
        assert Counter(before) == Counter(after)
        assert before != after, table
        own = f"select row_id, subject_id, hadm_id, {TIMES[table][0]} from {table}"
        assert rows(still, own) == rows(shuffled, own)


def test_care_units_are_shuffled_alike_in_stays_and_transfers(tmp_path: Path) -> None:
    db = build(tmp_path, PLAIN.model_copy(update={"shuffle_values": True}), mimic_iii(30))
    assert rows(db, "select count(*) from icustays where first_wardid <> subject_id - 9000") > [
        (0,)
    ]
    apart = (
        "select count(*) from transfers t join icustays i using (icustay_id) "
        "where t.careunit <> i.first_careunit or t.wardid <> i.first_wardid"
    )
    assert rows(db, apart) == [(0,)]


def test_patients_are_as_many_as_wanted(tmp_path: Path) -> None:
    some = PLAIN.model_copy(update={"patients": 4})
    every = PLAIN.model_copy(update={"patients": None})
    assert rows(build(tmp_path / "4", some), "select count(*) from patients") == [(4,)]
    assert rows(build(tmp_path / "all", every), "select count(*) from patients") == [(6,)]


def test_ages_and_long_stays_are_left_out_as_chosen(tmp_path: Path) -> None:
    adults = PLAIN.model_copy(update={"older_than": 31, "younger_than": 36})
    ages = rows(build(tmp_path / "ages", adults), "select age from admissions")
    assert ages == [(32,), (33,), (34,), (35,)]
    for percentile, kept in ((50.0, [8001, 8002, 8006]), (100.0, [8001, 8002, 8003, 8004, 8006])):
        short = PLAIN.model_copy(update={"stay_percentile": percentile})
        stays = rows(build(tmp_path / str(percentile), short), "select hadm_id from admissions")
        assert stays == [(hadm,) for hadm in kept]


def test_events_reference_what_is_there(tmp_path: Path) -> None:
    tables = mimic_iii()
    tables["chartevents"].append([9001, 8001, 4444, 211, "2131-03-02 12:00:00", 60, "bpm"])
    tables["labevents"].append([9001, 8001, 999, "2131-03-02 12:00:00", 60, "bpm"])
    times = ["2131-03-02 12:00:00", "2131-03-03 12:00:00"]
    tables["transfers"].append([9001, 8001, 4444, "transfer", "Unit 9", 9, *times])
    db = build(tmp_path, tables=tables)
    assert rows(db, "pragma foreign_key_check") == []
    assert rows(db, "select icustay_id from transfers where wardid = 9") == [(None,)]
    assert rows(db, "select count(*) from chartevents where icustay_id = 4444") == [(0,)]


def test_events_before_the_first_year_are_left_out(tmp_path: Path) -> None:
    tables = mimic_iii()
    tables["labevents"].append([9001, 8001, 50912, "2111-03-02 12:00:00", 60, "mg/dL"])
    labs = "select count(*) from labevents where valuenum = 60"
    options = PLAIN.model_copy(update={"shift_times": True})
    assert rows(build(tmp_path / "moved", options, tables), labs) == [(0,)]
    assert rows(build(tmp_path / "still", tables=tables), labs) == [(1,)]


def test_an_unknown_release_is_credentialed(tmp_path: Path) -> None:
    _, origin = built(tmp_path)
    assert origin.access == "credentialed"
    assert origin.name == "MIMIC-III Clinical Database, release not recognised"
    assert origin.licence == "PhysioNet Credentialed Health Data License 1.5.0"


def test_a_fault_leaves_the_earlier_database(tmp_path: Path) -> None:
    target, _ = built(tmp_path)
    before = target.read_bytes()
    (tmp_path / "source" / "microbiologyevents.csv.gz").unlink()
    write(tmp_path / "source", {"microbiologyevents": [["subject_id"], [9001]]})
    with pytest.raises(SourceError, match=r"microbiologyevents\.csv\.gz:1: no column 'hadm_id'"):
        build_mimic_iii(tmp_path / "source", target, PLAIN, DOMAIN)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mimic.sqlite", "source"]


def test_an_admission_of_nobody_is_told(tmp_path: Path) -> None:
    tables = mimic_iii()
    del tables["patients"][1]
    with pytest.raises(SourceError, match=r"admissions\.csv\.gz: hadm_id 8001: no subject_id 9001"):
        build(tmp_path, tables=tables)


def test_filters_that_leave_nobody_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="none of 6 admissions is left"):
        build(tmp_path, PLAIN.model_copy(update={"older_than": 80}))


def test_two_patients_of_one_name_are_told(tmp_path: Path) -> None:
    tables = mimic_iii()
    tables["patients"].append([99, *tables["patients"][1][1:]])
    with pytest.raises(
        SourceError, match=r"patients\.csv\.gz:8: subject_id 9001: as in line 2: need it once"
    ):
        build(tmp_path / "other", tables=tables)
    tables["patients"][-1] = tables["patients"][1]
    with pytest.raises(
        SourceError, match=r"patients\.csv\.gz:8: the same row as line 2: need each"
    ):
        build(tmp_path / "same", tables=tables)


@pytest.mark.slow
def test_the_demo_is_recognised_and_built_the_same_twice(tmp_path: Path) -> None:
    source = upstream("mimic-iii-demo-1.4")
    made = set()
    for name in ("one", "two"):
        target = tmp_path / name
        origin = build_mimic_iii(source, target, MimicOptions(), DOMAIN)
        made.add(target.read_bytes())
    assert (origin.name, origin.access) == ("MIMIC-III Clinical Database Demo 1.4", "open")
    assert len(made) == 1
    db = sqlite3.connect(target)
    assert rows(db, "pragma foreign_key_check") == []
    counts = {table: rows(db, f"select count(*) from {table}")[0][0] for table in TIMES}
    assert counts == {
        "patients": 87, "admissions": 113, "icustays": 116, "transfers": 444,
        "diagnoses_icd": 1470, "procedures_icd": 385, "labevents": 33024,
        "prescriptions": 6458, "chartevents": 20397, "inputevents_cv": 11033,
        "outputevents": 7352, "microbiologyevents": 1616, "cost": 41337,
    }  # fmt: skip
