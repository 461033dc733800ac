"""`taskkit build fhir`: from the embedded hospital and a published folder to proved tasks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.probe import Answer, Session, Subject
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.build.rejection import Rejection
from taskkit.builders.fhir import draws
from taskkit.errors import UsageError
from taskkit.fhir.examiner import StateExaminer
from taskkit.fhir.floors import Row, rows
from taskkit.fhir.guide import FhirGuide
from taskkit.fhir.medagentbench.files import Record
from taskkit.fhir.medagentbench.files import record as read_entry
from taskkit.fhir.medagentbench.history import observations
from taskkit.fhir.medagentbench.making import made
from taskkit.fhir.probes import ClaimProbe, MoreProbe, UndoProbe
from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.judge import judge
from taskkit.oracles.state import ExpectedChange, mismatch
from taskkit.oracles.verdict import Verdict
from taskkit.sandbox.namespace import availability
from taskkit.spec.action import RequestInfo
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.audit.test_bad_tasks import crews_here
from tests.audit.ward import audited
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


def test_counts_by_template(taskset: Taskset) -> None:
    found = rows(taskset.path)
    total = found.pop("all")
    assert total.tasks == sum(one.tasks for one in found.values()) == 62
    assert total.write == sum(one.write for one in found.values()) >= 15
    assert found["value-last-value"].cells("last-value").startswith("| last-value | 1 | 0 | 0 | 0 ")


def test_killed_mutants_are_counted_of_those_that_are_judged() -> None:
    row = Row(tasks=1)
    row.fates.update([("read", "killed"), ("read", "idle"), ("read", "equivalent")])
    assert (row.killed("read"), row.killed("written")) == ("1 of 2", "-")


def test_decisions_are_drawn_for_each_branch_in_turn() -> None:
    assert [draws(count, decides=True) for count in (1, 9, 10)] == [2, 10, 10]
    assert draws(10, decides=False) == 16


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    chosen = domain("fhir")
    with pytest.raises(UsageError, match=r"such as Patient\.ndjson, or with MedAgentBench's"):
        run(Order(chosen, chosen.builder().Options(), tmp_path / "out", source=tmp_path))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (5, "int: need a task"),
        ({"id": "task1_1"}, "need texts id and instruction"),
        ({"id": "task1_1", "instruction": "Look.", "eval_MRN": 5}, "eval_MRN 5: need a text"),
        ({"id": "task1_9", "instruction": "Look."}, "has no value of it"),
    ],
    ids=["no object", "no text", "number", "no value"],
)
def test_an_entry_that_is_no_task_is_put_aside(entry: Any, said: str) -> None:
    found = read_entry(7, entry, {"task1_1": {}})
    assert isinstance(found, Rejection)
    assert (found.record, found.code) == ("test_data_v2.json#7", "malformed_record")
    assert said in found.detail


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:9/fhir"])
def test_questions_without_their_tables_are_refused(tmp_path: Path, address: str | None) -> None:
    chosen = domain("fhir")
    order = Order(chosen, chosen.builder().Options(), tmp_path / "out", address=address)
    with pytest.raises(UsageError, match=r"valid\.json: need --source too: the folder of MIMIC-IV"):
        run(replace(order, questions=tmp_path / "valid.json"))


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


SAID = 'Order a referral for S1. Specify "Situation: knee."'
VITAL = [{"coding": [{"code": "vital-signs"}]}]
UCUM = {"system": "http://unitsofmeasure.org", "code": "mm[Hg]"}


def part(code: str, value: int) -> dict[str, object]:
    return {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, **UCUM}}


def dosage(route: object) -> dict[str, object]:
    return {
        "authoredOn": "2023-11-13T10:15:00+00:00",
        "medicationCodeableConcept": {"coding": [{"code": "0338-1715-40"}]},
        "dosageInstruction": [
            {"route": route, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "g"}}]}
        ],
    }


def referred(note: object, priority: str = "stat") -> dict[str, object]:
    return {
        "authoredOn": "2023-11-13T10:15:00+00:00",
        "code": {"coding": [{"code": "306181000000106"}]},
        "priority": priority,
        "note": note,
    }


def measured(**value: object) -> dict[str, object]:
    return {"effectiveDateTime": "2023-11-13T10:15:00+00:00", "category": VITAL, **value}


COMPONENTS = [part("8480-6", 118), part("8462-4", 77)]
PANEL = {"coding": [{"code": "85354-9"}]}
FORMS = {
    "pressure as published": (
        "task3", measured(code={"text": "BP"}, valueString="118/77 mmHg"), True),
    "pressure as valid R4": ("task3", measured(code=PANEL, component=COMPONENTS), True),
    "another pressure": ("task3", measured(code={"text": "BP"}, valueString="117/77 mmHg"), False),
    "no vital sign": (
        "task3", measured(code=PANEL, component=COMPONENTS) | {"category": []}, False),
    "route as published": ("task5", dosage("IV"), True),
    "route as a text": ("task5", dosage({"text": "IV"}), True),
    "route as a concept": ("task5", dosage({"coding": [{"code": "47625008"}]}), True),
    "another route": ("task5", dosage("oral"), False),
    "note as published": ("task8", referred({"text": "Situation: knee."}), True),
    "note as valid R4": ("task8", referred([{"text": "Situation: knee."}]), True),
    "another note": ("task8", referred([{"text": "Situation: hip."}]), False),
    "another priority": ("task8", referred([{"text": "Situation: knee."}], "routine"), False),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_published_payloads_and_valid_ones_are_both_accepted(form: str) -> None:
    template, members, fits = FORMS[form]
    asked = Record(f"{template}_1", template, SAID, "", "S1", {"live_latest_24h": 1.8})
    (expected,) = (ExpectedChange.model_validate(one) for one in made(asked))
    state = {"status": "final"} if template == "task3" else {"status": "active", "intent": "order"}
    after: dict[str, Any] = {"subject": {"reference": "Patient/S1"}, **state, **members}
    found = Change("created", f"{expected.type}/1", None, after)
    assert (mismatch([expected], [found]) is None) is fits


@pytest.mark.slow
def test_all_published_tasks_are_built(tmp_path: Path) -> None:
    source = upstream("medagentbench")
    chosen = domain("fhir")
    run(Order(chosen, chosen.builder().Options(), tmp_path / "set", source=source))
    assert len(list(Taskset(tmp_path / "set").specs())) == 300


def test_a_judge_that_does_not_look_at_the_server_is_found(
    taskset: Taskset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(spec: TaskSpec, evidence: Evidence) -> Verdict:
        oracle = spec.oracle.model_copy(update={"changes": ()})
        seen = replace(evidence, changes={})
        return judge(spec.model_copy(update={"oracle": oracle}), seen)

    if why := availability():
        pytest.skip(why)
    crews_here(monkeypatch)
    monkeypatch.setattr("taskkit.audit.attack.judge", blind)
    monkeypatch.setattr("taskkit.play.episode.judge", blind)
    wanted = next(one for one in taskset.specs() if creates(one))
    summary, records = audited(taskset.path, f"id={wanted.id}", sandbox="namespace")
    records.close()
    assert {"claim", "undo", "more"} <= set(summary.exploits)


def creates(spec: TaskSpec) -> bool:
    return any(one.op == "created" for one in spec.oracle.changes)  # type: ignore[attr-defined]
