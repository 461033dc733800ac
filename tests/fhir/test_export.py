"""A bulk export's folder as a source: read line by line, and nothing that is wrong kept quiet."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.errors import SourceError, UsageError
from taskkit.fhir.export.source import Loaded, load
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.fhir.ward import NOW, RESOURCES, observation, patient


def lines(resources: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def export(folder: Path, resources: list[dict[str, Any]] = RESOURCES) -> Path:
    folder.mkdir(exist_ok=True)
    for kind in {one["resourceType"] for one in resources}:
        of_kind = [one for one in resources if one["resourceType"] == kind]
        (folder / f"{kind}.ndjson").write_text(lines(of_kind), "utf-8")
    return folder


def loaded(folder: Path, **options: Any) -> tuple[Loaded, dict[str, dict[str, Any]]]:
    store = folder.parent / "store.sqlite"
    store.unlink(missing_ok=True)
    found = load(folder, store, **{"renumber": False, **options})
    with sqlite3.connect(store) as connection:
        rows = connection.execute("SELECT type, id, body FROM resource").fetchall()
    connection.close()
    return found, {f"{kind}/{id_}": json.loads(body) for kind, id_, body in rows}


def test_all_resources_are_read_with_their_ids(tmp_path: Path) -> None:
    found, store = loaded(export(tmp_path / "in"))
    assert found.resources == len(RESOURCES) == len(store)
    assert store["Observation/o2"]["valueQuantity"]["value"] == 3.9
    assert found.now.isoformat() == "2024-06-18T08:00:00+00:00"
    assert found.rejections == ()


def test_parts_and_gzip_and_a_manifest_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    patients = [one for one in RESOURCES if one["resourceType"] == "Patient"]
    (folder / "Patient.000.ndjson").write_text(lines(patients[:1]), "utf-8")
    (folder / "Patient.001.ndjson").write_text(lines(patients[1:]), "utf-8")
    with gzip.open(folder / "Observation.ndjson.gz", "wt", encoding="utf-8") as file:
        file.write(lines([observation("o", "a", "1-1", NOW, 3)]))
    assert loaded(folder)[0].resources == 4
    outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no Procedure"}]}
    (folder / "errors.ndjson").write_text(lines([outcome]), "utf-8")
    manifest = {
        "transactionTime": "2024-07-01T12:00:00Z",
        "output": [
            {"type": "Patient", "url": "https://x.org/out/Patient.001.ndjson", "count": 2},
            {"type": "Observation", "url": "https://x.org/out/Observation.ndjson?token=1"},
        ],
        "error": [{"type": "OperationOutcome", "url": "https://x.org/out/errors.ndjson"}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    found, store = loaded(folder)
    assert (found.resources, "Patient/a" in store) == (3, False)
    assert found.now.isoformat() == "2024-07-01T12:00:00+00:00"
    assert any("reports 1 errors: no Procedure" in note for note in found.notes)


BAD = {
    "no JSON": (b'{"resourceType":"Patient","id":"z"', "body is no JSON"),
    "no R4": (b'{"resourceType":"Patient","id":"z","gender":"x"}', "Patient.gender: 'x': need"),
    "another type": (b'{"resourceType":"Group","id":"z"}', "resourceType 'Group': need 'Patient'"),
    "no id": (b'{"resourceType":"Patient"}', "id None: need 1 to 64"),
    "twice": (b'{"resourceType":"Patient","id":"a"}', "stands already in Patient.ndjson:1"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_line_is_put_aside_by_file_and_line(case: str, tmp_path: Path) -> None:
    folder = export(tmp_path / "in")
    line, said = BAD[case]
    with (folder / "Patient.ndjson").open("ab") as file:
        file.write(b"\n" + line + b"\n")
    found, store = loaded(folder)
    (rejection,) = found.rejections
    assert (rejection.record, rejection.code) == ("Patient.ndjson:5", "malformed_record")
    assert said in rejection.detail
    assert len(store) == len(RESOURCES)


def cut(folder: Path) -> None:
    data = gzip.compress(lines([observation("o", "a", "1-1", NOW, 3)] * 50).encode())
    (folder / "Observation.ndjson.gz").write_bytes(data[:-20])


def manifest(folder: Path, **output: Any) -> None:
    listed = [{"type": "Patient", "url": "Patient.ndjson", **output}]
    (folder / "manifest.json").write_text(json.dumps({"output": listed}), "utf-8")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a table": (
        lambda folder: (folder / "Group.ndjson").write_text("id,name\n1,x\n"),
        r"Group\.ndjson:1: body is no JSON.*: need NDJSON, one Group a line",
    ),
    "a Bundle": (
        lambda folder: (folder / "Group.ndjson").write_text('{"resourceType":"Bundle"}\n'),
        r"Group\.ndjson:1: resourceType 'Bundle': need 'Group'",
    ),
    "cut": (cut, r"Observation\.ndjson\.gz: after line .*: cannot be read"),
    "a file that is missing": (
        lambda folder: manifest(folder, url="Patient.9.ndjson"),
        r"output\[0\]: Patient\.9\.ndjson: no such file: need all files",
    ),
    "a file with too few lines": (
        lambda folder: manifest(folder, count=4),
        r"Patient\.ndjson: 3 lines: need 4, as the manifest says",
    ),
    "no patients": (lambda folder: (folder / "Patient.ndjson").unlink(), "no Patient: need"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_export_that_is_not_whole_is_refused(case: str, tmp_path: Path) -> None:
    folder = export(tmp_path / "in")
    spoil, said = REFUSED[case]
    spoil(folder)
    with pytest.raises(SourceError, match=said):
        loaded(folder)


def test_a_file_of_bad_lines_is_refused(tmp_path: Path) -> None:
    folder = export(tmp_path / "in")
    with (folder / "Patient.ndjson").open("a") as file:
        file.write('{"resourceType":"Patient","id":"q","gender":"x"}\n' * 150)
    with pytest.raises(SourceError, match=r"101 of 104 lines are no valid resources: Patient"):
        loaded(folder)


def links() -> list[dict[str, Any]]:
    doctor = {
        "resourceType": "Practitioner",
        "id": "d2",
        "identifier": [{"system": "urn:npi", "value": "77"}],
    }
    by = ["https://x.org/fhir/Practitioner/d2", "urn:uuid:d2", "Practitioner?identifier=urn:npi|77",
          "Practitioner/d2", "Practitioner/d9", "https://y.org/Practitioner/d9"]  # fmt: skip
    one = observation("o", "a", "1-1", NOW, 3, performer=[{"reference": text} for text in by])
    person = patient("a", "Smith", "Anna", "1950-03-01")
    del person["generalPractitioner"]
    return [doctor, one, person]


def test_references_are_resolved_and_those_that_dangle_are_named(tmp_path: Path) -> None:
    found, store = loaded(export(tmp_path / "in", links()))
    targets = [one["reference"] for one in store["Observation/o"]["performer"]]
    assert targets == ["Practitioner/d2"] * 4 + ["Practitioner/d9", "https://y.org/Practitioner/d9"]
    (note,) = (one for one in found.notes if "not in the export" in one)
    assert note.startswith("2 references lead to 2 resources that are not in the export")
    assert "Practitioner/d9 (Observation/o.performer)" in note


def test_renumbering_is_consistent_and_shows_no_old_id(tmp_path: Path) -> None:
    _, store = loaded(export(tmp_path / "in", links()), renumber=True)
    (one,) = (body for key, body in store.items() if key.startswith("Observation/"))
    assert one["subject"]["reference"] in store
    targets = [entry["reference"] for entry in one["performer"]]
    assert set(targets[:4]) == {key for key in store if key.startswith("Practitioner/")}
    assert all(len(target.split("/")[1]) == 16 for target in targets[:5])


def test_types_that_the_server_does_not_keep_are_said(tmp_path: Path) -> None:
    more = {"resourceType": "SupplyDelivery", "id": "s"}
    found, store = loaded(export(tmp_path / "in", [*RESOURCES, more]))
    assert "SupplyDelivery/s" not in store
    assert any("does not keep: 1 SupplyDelivery" in note for note in found.notes)


def rich() -> list[dict[str, Any]]:
    """Records of a server that has nothing of the embedded hospital's own."""
    found = list(RESOURCES)
    for owner, base in (("a", 60.0), ("b", 80.0), ("c", 70.0)):
        for day in range(1, 7):
            at = f"2024-05-{day:02d}T09:30:00-04:00"
            one = observation(f"w-{owner}{day}", owner, "29463-7", at, base + day * 5 % 7 / 2)
            one["valueQuantity"] |= {"unit": "kg", "code": "kg"}
            found.append(one)
        for number, code in enumerate(("38341003", "44054006")[: 2 - (owner == "b")]):
            concept = {"coding": [{"system": "http://snomed.info/sct", "code": code}]}
            found.append(
                {
                    "resourceType": "Condition",
                    "id": f"c-{owner}{number}",
                    "code": concept,
                    "subject": {"reference": f"Patient/{owner}"},
                }
            )
    return found


def test_templates_that_fit_any_server_give_valid_tasks(tmp_path: Path) -> None:
    folder = export(tmp_path / "in", rich())
    chosen = domain("fhir")
    order = Order(chosen, chosen.builder().Options(), tmp_path / "set", source=folder, limit=30)
    built = run(order)
    assert not validate(tmp_path / "set", jobs=1).findings
    specs = list(Taskset(tmp_path / "set").specs())
    found = {one.category.partition("-")[2] for one in specs}
    assert {"newest-value", "extreme-value", "times-measured", "record-value",
            "codes-on-record"} <= found  # fmt: skip
    assert found & {"patients-with", "patients-of"}  # where both have the answer 2, one stays
    assert any("are left out, which need what the source has not" in one for one in built.notes)
    assert all(one.provenance.access == "credentialed" for one in specs)


def test_a_clock_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = export(tmp_path / "in")
    with pytest.raises(UsageError, match=r"--now 'noon': need a date"):
        loaded(folder, now="noon")
    timeless = [one for one in RESOURCES if one["resourceType"] in ("Patient", "Practitioner")]
    with pytest.raises(UsageError, match="need --now"):
        loaded(export(tmp_path / "out", timeless))
