"""A server of the user's own as cross-check: filled with care, asked, and its faults found."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.cli.verify import verify
from taskkit.errors import SourceError, UsageError
from taskkit.fhir.export.client import Client
from taskkit.fhir.moment import interval
from taskkit.fhir.remote.comparison import Replaying, compare
from taskkit.fhir.remote.forward import Forwarder
from taskkit.fhir.remote.loading import SYSTEM, Target, load
from taskkit.fhir.schema import write
from taskkit.fhir.service import FhirParent, FhirRunning, FhirService
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.verify.engine_results import Engines
from taskkit.verify.proof import Proving
from tests.fhir.medplum.server import serving
from tests.fhir.test_export import export, rich
from tests.fhir.ward import NOW, patient

OTHER = patient("other", "Smith", "Zoe", "1950-03-01")
OTHER.pop("generalPractitioner")
Server = tuple[str, FhirRunning]


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Taskset:
    folder = tmp_path_factory.mktemp("crosscheck")
    chosen = domain("fhir")
    source = export(folder / "in", rich())
    run(Order(chosen, chosen.builder().Options(), folder / "set", source=source, limit=8))
    return Taskset(folder / "set")


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirParent]:
    path = tmp_path_factory.mktemp("theirs") / "their.sqlite"
    write(path, [OTHER], updated=interval(NOW)[0])
    found = FhirService().prepare(path, {"now": NOW})
    yield found
    found.close()


@pytest.fixture
def server(parent: FhirParent) -> Iterator[Server]:
    """A server that somebody uses: it has a patient of theirs."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    port = listener.getsockname()[1]
    running = parent.start(listener)
    yield f"http://127.0.0.1:{port}/fhir", running
    running.close()


def store(taskset: Taskset) -> tuple[Path, str]:
    (asset,) = taskset.manifest.assets
    return taskset.asset(asset.sha256), asset.sha256


def filled(taskset: Taskset, base: str) -> Target:
    client = Client(base)
    target = load(*store(taskset), client)
    client.close()
    return target


def asked(taskset: Taskset, target: Target, cache: Path) -> Engines:
    paths = [str(path.relative_to(taskset.path)) for path in taskset.paths()]
    wanted = {one: hashlib.sha256((taskset.path / one).read_bytes()).hexdigest() for one in paths}
    proving = Proving(taskset.path, cache, "auto", False, 1)
    return compare(Replaying(proving, {store(taskset)[1]: target}), wanted, 1, fresh=True)


def reading(spec: TaskSpec) -> bool:
    return not spec.oracle.changes  # type: ignore[attr-defined]


def test_resources_are_tagged_and_others_stay(taskset: Taskset, server: Server) -> None:
    base, running = server
    target = filled(taskset, base)
    assert target.mixed
    created = running.changes()
    assert {one.op for one in created} == {"created"}
    assert len(created) == len(rich())
    digest = store(taskset)[1]
    for one in created:
        after: dict[str, Any] = one.after  # type: ignore[assignment]
        assert after["meta"] == {"tag": [{"system": SYSTEM, "code": digest[:40]}]}
    filled(taskset, base)
    assert running.changes() == created


def test_what_is_another_s_is_not_written_over(taskset: Taskset, server: Server) -> None:
    base, running = server
    theirs = {**OTHER, "id": "a"}
    httpx.put(f"{base}/Patient/a", json=theirs).raise_for_status()
    before = running.changes()
    with pytest.raises(SourceError, match=r"Patient/a: is there, and not ours: nothing was"):
        filled(taskset, base)
    assert running.changes() == before


def test_searches_are_kept_to_the_tagged_resources(taskset: Taskset, server: Server) -> None:
    target = filled(taskset, server[0])
    forwarder = Forwarder(target, 8080)
    status, body = forwarder.get("/fhir/Patient?family=Smith&_count=1")
    assert status == 200
    assert b'"total": 2' in body
    assert b"http://127.0.0.1:8080/fhir/Patient/a" in body
    assert server[0].encode() not in body
    assert forwarder.get("/fhir/Patient/b")[0] == 200
    assert forwarder.get("/fhir/Patient?shoe=4")[0] == 400


def test_a_server_with_another_value_is_found(
    taskset: Taskset, server: Server, tmp_path: Path
) -> None:
    base, _ = server
    target = filled(taskset, base)
    for entry in httpx.get(f"{base}/Observation?_count=500").json()["entry"]:
        one: dict[str, Any] = entry["resource"]
        one["valueQuantity"]["value"] += 100
        httpx.put(f"{base}/Observation/{one['id']}", json=one).raise_for_status()
    report = asked(taskset, target, tmp_path / "cache")
    assert report.codes["differs"] >= 2
    assert all("value" in one.category or "trend" in one.category for one in report.findings)


def test_a_server_that_is_gone_says_nothing_of_the_tasks(taskset: Taskset, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no answer"):
        load(*store(taskset), Client("http://127.0.0.1:9/fhir", sleep=lambda _: None))


def test_the_command_says_that_it_writes_and_a_server_of_the_same_agrees(
    taskset: Taskset, server: Server
) -> None:
    given = [str(taskset.path), "-k", "1", "--jobs", "1", "--cross-check", f"fhir:{server[0]}"]
    shown = CliRunner().invoke(verify, [*given, "--json"], standalone_mode=False)
    assert shown.return_value == 0, shown.output
    assert "cross-check: writes the resources of the taskset's store to" in shown.stderr
    specs = list(taskset.specs())
    reads = sum(map(reading, specs))
    assert 0 < reads < len(specs)
    found = json.loads(shown.stdout)["cross_check"]["codes"]
    assert found == {"agrees": reads, "not_asked": len(specs) - reads}


def test_a_cross_check_of_another_name_is_refused(taskset: Taskset) -> None:
    shown = CliRunner().invoke(verify, [str(taskset.path), "--cross-check", "fhri"])
    assert shown.exit_code == 2
    assert "fhir:URL" in shown.output


def test_a_server_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="need an address"):
        Client("fhir.example.org")


@pytest.mark.slow
def test_an_independent_server_agrees(taskset: Taskset, tmp_path: Path) -> None:
    with serving() as base:
        report = asked(taskset, filled(taskset, base), tmp_path / "cache")
    assert report.codes["differs"] == report.codes["engine_failed"] == 0, report
    assert report.codes["agrees"] >= 5
