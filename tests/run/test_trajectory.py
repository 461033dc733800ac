"""A trajectory is a document with a schema; exports are what other programs read."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from taskkit.errors import UsageError
from taskkit.run import suites, trajectory
from taskkit.run.exports.atif import atif
from taskkit.run.exports.export import export
from taskkit.run.results import EPISODES, SETTINGS, Episodes, Run, row_of
from taskkit.run.settings import Settings
from taskkit.run.trajectory import Call, Message, Task, Tokens, Trajectory, messages
from taskkit.spec.schema import schema_text
from tests.run.trajectories import ask, python, sql, step
from tests.run.trajectories import trajectory as made_trajectory

ROOT = Path(__file__).parents[2]
DOCUMENTS = trajectory.DOCUMENTS | suites.DOCUMENTS


def reply(*calls: Call, content: str = "") -> Message:
    return Message(content=content, calls=calls, tokens=Tokens(input=10, output=5, cost=0.25))


def called(id: str, action: dict[str, Any]) -> Call:
    arguments = {name: value for name, value in action.items() if name != "action"}
    return Call(id=id, name=action["action"], arguments=json.dumps(arguments))


@pytest.fixture
def full() -> Trajectory:
    """Two calls of one reply, a text that is no action, and an answer."""
    look, count = ask(), sql("select 1")
    return made_trajectory(
        step(look, "patients", call="a", reply=reply(called("a", look), called("b", count))),
        step(count, "1\n1\n(1 row)", call="b"),
        step("hm", "malformed action", "refused", reply=reply(content="hm")),
        step(python("answer = 3", submit=True), "[Your answer was received; 0 left.]",
             judgement="right", call="c", done=True,
             reply=reply(called("c", python("answer = 3", submit=True)), called("d", look))),
        verdict="right", system="You solve tasks.", tokens=Tokens(input=30, output=15, cost=0.75),
    )  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_published_schema_is_the_model_s(name: str) -> None:
    published = (ROOT / "schemas" / f"{name}.json").read_text("utf-8")
    assert published == schema_text(name, DOCUMENTS), "run `make schemas`"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_says_what_it_is(name: str) -> None:
    schema = json.loads(schema_text(name, DOCUMENTS))
    parts = {schema["title"]: schema, **schema.get("$defs", {})}
    assert not {
        f"{title}.{field}"
        for title, part in parts.items()
        for field, form in part.get("properties", {}).items()
        if "description" not in form and "$ref" not in form and "const" not in form
    }


def test_a_document_meets_its_schema_and_comes_back(full: Trajectory) -> None:
    text = full.model_dump_json(exclude_defaults=True)
    schema = json.loads((ROOT / "schemas" / "trajectory.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(text))
    assert Trajectory.model_validate_json(text) == full


def test_a_conversation_answers_every_call_and_judges_nothing(full: Trajectory) -> None:
    made = messages(full)
    assert [(m["role"], [c["id"] for c in m.get("tool_calls", ())]) for m in made] == [
        ("system", []), ("user", []), ("assistant", ["a", "b"]), ("tool", []), ("tool", []),
        ("assistant", []), ("user", []), ("assistant", ["c"]), ("tool", []),
    ]  # fmt: skip
    assert "reward" not in json.dumps(made)


def test_an_agent_without_a_model_speaks_by_its_actions() -> None:
    made = messages(made_trajectory(step(ask(), "patients")))
    assert [m["role"] for m in made] == ["user", "assistant", "user"]
    assert json.loads(made[1]["content"]) == ask()


def test_atif_numbers_its_steps_and_ties_results_to_calls(full: Trajectory) -> None:
    made = atif(full)
    assert made["schema_version"] == "ATIF-v1.8"
    assert [one["step_id"] for one in made["steps"]] == [1, 2, 3, 4, 5]
    assert [one["source"] for one in made["steps"]] == ["system", "user", "agent", "agent", "agent"]
    first = made["steps"][2]
    assert [one["tool_call_id"] for one in first["tool_calls"]] == ["a", "b"]
    assert [one["source_call_id"] for one in first["observation"]["results"]] == ["a", "b"]
    assert first["metrics"]["cost_usd"] == 0.25
    assert made["final_metrics"]["total_prompt_tokens"] == 30
    assert made["extra"]["reward"] == 1.0
    assert "tool_calls" not in made["steps"][3]


def test_atif_says_that_no_model_was_asked() -> None:
    made = atif(made_trajectory(step(ask(), "patients")))
    assert made["steps"][1]["llm_call_count"] == 0
    assert "metrics" not in made["steps"][1]


@pytest.fixture
def run(tmp_path: Path, full: Trajectory) -> Run:
    """A run of two attempts, of which the second was wrong."""
    folder = tmp_path / "toy.results" / "runs" / "m"
    folder.mkdir(parents=True)
    settings = Settings(agent="model", model="m", sandbox="fake")
    (folder / SETTINGS).write_text(settings.model_dump_json())
    wrong = made_trajectory(step(sql(), "1", judgement="wrong"), verdict="wrong", attempt=2)
    episodes = Episodes(folder)
    episodes.put(row_of(full, ""))
    episodes.put(row_of(wrong, "wrong_value"))
    episodes.close()
    return Run.open(folder)


def test_json_lines_hold_the_documents(run: Run, full: Trajectory, tmp_path: Path) -> None:
    assert export(run, "jsonl", tmp_path / "all.jsonl") == 2
    lines = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert Trajectory.model_validate_json(lines[0]) == full


@pytest.mark.parametrize(("only", "count"), [(None, 2), ("right", 1), ("wrong", 1)])
def test_one_outcome_alone(run: Run, tmp_path: Path, only: Any, count: int) -> None:
    export(run, "atif", tmp_path / "atif")
    assert export(run, "atif", tmp_path / "atif", only=only) == count
    assert len(list((tmp_path / "atif").iterdir())) == count


def test_an_inspect_log_has_every_sample_with_its_score(run: Run, tmp_path: Path) -> None:
    export(run, "inspect", tmp_path / "log.json")
    log = json.loads((tmp_path / "log.json").read_text("utf-8"))
    assert (log["version"], log["status"], log["eval"]["task"]) == (2, "success", "toy")
    assert [(one["id"], one["epoch"]) for one in log["samples"]] == [("toy-1", 1), ("toy-1", 2)]
    assert [one["scores"]["taskkit"]["value"] for one in log["samples"]] == [1.0, 0.0]
    assert log["results"]["scores"][0]["metrics"]["accuracy"]["value"] == 0.5
    assert log["samples"][0]["messages"][2]["tool_calls"][1]["arguments"] == {
        "language": "sql", "code": "select 1",
    }  # fmt: skip


def test_a_database_can_be_asked(run: Run, tmp_path: Path) -> None:
    export(run, "sqlite", tmp_path / "run.sqlite")
    with sqlite3.connect(tmp_path / "run.sqlite") as connection:
        rows = connection.execute(
            "select e.id, e.reward, count(*) from episode e join step s on s.episode = e.id"
            " group by e.id order by e.id"
        ).fetchall()
    assert rows == [("toy-1.1", 1.0, 4), ("toy-1.2", 0.0, 1)]


@pytest.mark.parametrize("form", ["jsonl", "atif", "inspect", "sqlite"])
def test_what_derives_from_credentialed_data_is_refused(
    run: Run, full: Trajectory, tmp_path: Path, form: Any
) -> None:
    closed = Task(**{**full.task.model_dump(), "access": "credentialed"})
    episodes = Episodes(run.folder)
    episodes.put(row_of(full.model_copy(update={"task": closed}), ""))
    episodes.close()
    target = tmp_path / "out"
    with pytest.raises(UsageError, match="1 trajectories derive from credentialed data"):
        export(run, form, target)
    assert not target.exists()
    assert export(run, form, target, credentialed=True) == 2
    if form == "atif":
        marked = json.loads((target / "toy-1.1.json").read_text("utf-8"))
        assert marked["extra"]["credentialed"] is True


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run: need a folder that `taskkit run` wrote"):
        Run.open(tmp_path)


def test_a_document_that_is_damaged_is_named(run: Run) -> None:
    row = next(run.rows())
    with pytest.raises(UsageError, match=r"episode toy-1\.1: "):
        replace(row, document=b"nonsense").trajectory()
    assert (run.folder / EPISODES).exists()
