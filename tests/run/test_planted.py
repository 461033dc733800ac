"""A scripted model with known faults, over real sandboxes: the tables come out as planted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from taskkit.run.failures import Cause
from taskkit.run.results import Run
from taskkit.testing.endpoint import Answer, ScriptedEndpoint, by_opening, call, refusal, text
from tests.run.conftest import Command, options
from tests.taskset.building import build


def sql(code: str, *, submit: bool = False) -> Answer:
    return call("code_execution", language="sql", code=code, submit=submit)


def python(code: str, *, submit: bool = False) -> Answer:
    return call("code_execution", language="python", code=code, submit=submit)


def shell(command: str, *, submit: bool = False) -> Answer:
    return call("terminal", command=command, submit=submit)


LOOK = call("request_info", about="tables")
MISSPELT = sql("select count(*) from patient")
PLANTED: list[tuple[list[Answer], Cause | None]] = [
    ([LOOK, sql("select count(*), 0 from patients", submit=True)], None),
    ([sql("select 1"), sql("select 1"), sql("select 1")], "loop"),
    ([LOOK, sql("select 1"), LOOK, sql("select 1"), LOOK, sql("select 1")], "loop"),
    ([MISSPELT, LOOK, sql("selekt 1", submit=True)], "compile"),
    ([python("if True print(1)", submit=True)], "compile"),
    ([shell("if then", submit=True)], "compile"),
    ([python("x = {}\nx['a']", submit=True)], "runtime"),
    ([python("import time\nwhile True: pass", submit=True)], "runtime"),
    ([shell("exit 3", submit=True)], "runtime"),
    ([python("open('/data/none.csv')", submit=True)], "io"),
    ([shell("cat /workspace/none.csv", submit=True)], "io"),
    ([python("answer = 'many'", submit=True)], "wrong_type"),
    ([shell("echo '{not json' >answer.json", submit=True)], "wrong_type"),
    ([sql("select count(*), 99 from patients", submit=True)], "wrong_value"),
    ([python("x = 1", submit=True)], "no_answer"),
    ([text("There are three of them.")], "loop"),
    ([text("One."), text("Two."), text("Three."), text("Four."), text("Five."), text("Six.")],
     "malformed"),
    ([text("I'm sorry, but I can't help with patient data.")], "refusal"),
    ([refusal("I can't help with patient data.")], "refusal"),
    ([LOOK, *(sql(f"select {n}") for n in range(5))], "limit"),
]  # fmt: skip


def named(path: Path) -> Path:
    """Have each question say which task it is of."""
    for file in (path / "tasks").rglob("*.yaml"):
        asked = json.dumps(f"This is <{file.stem}>. How many patients are there?")
        limits = "environment:\n  limits: {wall_s: 1.0, cpu_s: 1.0}"
        text = re.sub(r"(?m)^instruction: .*$", f"instruction: {asked}", file.read_text())
        file.write_text(text.replace("environment:", limits, 1))
    return path


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    return named(build(tmp_path / "toy", len(PLANTED)))


def test_every_fault_is_found_where_it_was_planted(planted: Path, command: Command) -> None:
    script = by_opening({f"<toy-{n}>": answers for n, (answers, _) in enumerate(PLANTED)})
    with ScriptedEndpoint(script) as server:
        code, told = command("run", planted, *options(server.url, max_steps=6))
    assert code == 0
    rows = {row.task: row for row in Run.open(Path(told["folder"])).rows()}
    found = {n: rows[f"toy-{n}"].cause or None for n in range(len(PLANTED))}
    assert found == {n: cause for n, (_, cause) in enumerate(PLANTED)}
    assert told["right"] == 1


def test_the_ablation_shows_its_difference(tmp_path: Path, command: Command) -> None:
    path = named(build(tmp_path / "toy", 10))

    def script(request: object) -> Answer:
        """Mend the mistake in nine of ten tasks, where `debugging` may be asked; else repeat it."""
        asked = request.opening  # type: ignore[attr-defined]
        number = int(re.findall(r"<toy-(\d+)>", asked)[0])
        step = request.step  # type: ignore[attr-defined]
        offered = [one["function"]["name"] for one in request.body["tools"]]  # type: ignore[attr-defined]
        if step == 0:
            return MISSPELT
        if "debugging" in offered and step == 1:
            return call("debugging")
        if "debugging" in offered and number:
            return sql(f"select count(*), {number} from patients", submit=True)
        return MISSPELT

    with ScriptedEndpoint(script) as server:
        _, whole = command("run", path, *options(server.url, max_steps=4))
        _, less = command("run", path, *options(server.url, max_steps=4, without="debugging"))
    assert (whole["success"], less["success"]) == (0.9, 0.0)
    assert less["causes"] == {"loop": 10}
    _, told = command("compare", whole["folder"], less["folder"], "--failures")
    [found] = told["differences"]
    assert (found["change"]["value"], found["better"], found["worse"]) == (-0.9, 0, 9)
    doing = told["behaviour"]["scripted"]
    assert doing["explained"] == {"errors": 10, "mended": 9}
    assert told["behaviour"]["scripted-without-debugging"]["explained"]["errors"] == 0
