"""`taskkit build fhir`: from the embedded hospital and a published folder to proved tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.audit.probe import Answer, Session, Subject
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.errors import UsageError
from taskkit.fhir.examiner import StateExaminer
from taskkit.fhir.guide import FhirGuide
from taskkit.fhir.medagentbench.files import Record
from taskkit.fhir.medagentbench.history import observations
from taskkit.fhir.medagentbench.making import made
from taskkit.fhir.probes import ClaimProbe, MoreProbe, UndoProbe
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.spec.action import RequestInfo
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.ehr.upstream import upstream
from tests.fhir.ward import api


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Taskset:
    out = tmp_path_factory.mktemp("fhir") / "set"
    chosen = domain("fhir")
    run(Order(chosen, chosen.builder().Options(patients=60), out, limit=62))
    return Taskset(out)


def test_the_set_is_valid_and_has_every_template(taskset: Taskset) -> None:
    assert not validate(taskset.path, jobs=1).findings
    specs = list(taskset.specs())
    assert len({one.category for one in specs}) >= 60
    assert {asset.reader for one in specs for asset in one.environment.assets} == {"judge"}


def test_probes_have_attempts_on_tasks_that_write(taskset: Taskset) -> None:
    specs = list(taskset.specs())
    writing = [one for one in specs if one.oracle.changes]  # type: ignore[attr-defined]
    assert len(writing) >= 15
    for spec in writing:
        (claim,) = ClaimProbe().attempts(Subject.of(spec))
        assert isinstance(claim, Answer)
        assert judge(spec, Evidence(claim.document)).reward == 0.0
        assert all(isinstance(one, Session) for one in MoreProbe().attempts(Subject.of(spec)))
        assert StateExaminer.examines(None, spec)  # type: ignore[arg-type]
    assert any(list(UndoProbe().attempts(Subject.of(spec))) for spec in writing)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    chosen = domain("fhir")
    with pytest.raises(UsageError, match=r"such as Patient\.ndjson, or with MedAgentBench's"):
        run(Order(chosen, chosen.builder().Options(), tmp_path / "out", source=tmp_path))


class Server:
    """A server in this process, as a guide sees it."""

    def __init__(self, folder: Path) -> None:
        self.api = api(folder)

    def get(self, path: str) -> tuple[int, bytes]:
        from taskkit.fhir.exchange import Request

        answer = self.api.answer(Request("GET", f"/fhir/{path}"))
        return answer.status, answer.body


def test_the_guide_reads_and_describes(tmp_path: Path) -> None:
    guide = FhirGuide(Server(tmp_path))

    def ask(about: str, path: str) -> str:
        asked = {"action": "request_info", "about": about, "path": path}
        return guide.answer(RequestInfo.model_validate(asked))

    assert '"family": "Smith"' in ask("read", "Patient/a")
    assert ask("read", "Patient/x").startswith("HTTP 404")
    assert "value-quantity (quantity)" in ask("metadata", "Observation")
    assert "need one of" in ask("metadata", "Shoe")


def record(template: str, **audited: object) -> Record:
    return Record(f"{template}_1", template, 'Say "this".', "", "S1", audited)


def test_made_up_histories_give_back_the_audited_values() -> None:
    records = [
        record("task6", live_ref_sol_approx=[97.0]),
        record("task7", live_ref_sol_approx=[123.0]),
        record("task4", live_ref_sol=[-1]),
        record("task9", live_latest_K=3.1),
    ]
    found: dict[str, list[tuple[str, float]]] = {}
    for one in observations(records):
        code = str(one["code"]["text"])  # type: ignore[index,call-overload]
        value = one["valueQuantity"]["value"]  # type: ignore[index,call-overload]
        found.setdefault(code, []).append((str(one["effectiveDateTime"]), float(str(value))))
    of_day = [value for at, value in found["GLU"] if at >= "2023-11-12T10:15"]
    assert sum(of_day) / len(of_day) == pytest.approx(97.0)
    assert max(found["GLU"])[1] == 123.0
    assert not [at for at, _ in found["MG"] if at >= "2023-11-12T10:15"]
    assert max(found["K"])[1] == 3.1


@pytest.mark.parametrize(
    ("template", "audited", "orders"),
    [
        ("task5", {"live_latest_24h": 1.8}, 1),
        ("task5", {"live_latest_24h": 2.0}, 0),
        ("task5", {"live_latest_24h": None}, 0),
        ("task9", {"live_latest_K": 3.1}, 2),
        ("task9", {"live_latest_K": 3.9}, 0),
        ("task8", {}, 1),
    ],
)
def test_what_published_tasks_ask_to_write(
    template: str, audited: dict[str, object], orders: int
) -> None:
    assert len(list(made(record(template, **audited)))) == orders


@pytest.mark.slow
def test_all_published_tasks_are_built(tmp_path: Path) -> None:
    source = upstream("medagentbench")
    chosen = domain("fhir")
    run(Order(chosen, chosen.builder().Options(), tmp_path / "set", source=source))
    assert len(list(Taskset(tmp_path / "set").specs())) == 300
