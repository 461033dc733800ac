"""`taskkit run`: every episode once, whatever fails, and nobody pays twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from taskkit.errors import InternalError, UsageError
from taskkit.run.play import Play
from taskkit.run.results import Run
from taskkit.run.runner import chosen
from taskkit.testing.endpoint import (
    Answer,
    Request,
    ScriptedEndpoint,
    call,
    failure,
    nonsense,
    text,
)
from tests.run.conftest import UNSAFE, Command, options
from tests.taskset.building import build

LOOK = call("request_info", about="tables")


def query(number: int | str) -> Answer:
    code = f"select count(*), {number} from patients"
    return call("code_execution", language="sql", code=code, submit=True)


def right(request: Request) -> Answer:
    """Look, then give the answer of task 0: right for it, and wrong for all others."""
    return query(0) if request.step else LOOK


def folder(toy: Path, name: str = "scripted") -> Path:
    return toy.with_name("toy.results") / "runs" / name


def test_a_run_keeps_every_episode_with_its_trajectory(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        code, told = command("run", toy, *options(server.url))
    assert code == 0
    assert (told["episodes"], told["right"], told["success"]) == (6, 1, pytest.approx(1 / 6))
    assert told["causes"] == {"wrong_value": 5}
    assert told["tokens"] == {"input": 1200, "output": 240}
    rows = {row.task: row for row in Run.open(folder(toy)).rows()}
    assert [rows[f"toy-{n}"].reward for n in range(6)] == [1.0, 0, 0, 0, 0, 0]
    made = rows["toy-0"].trajectory()
    assert [step.kind for step in made.steps] == ["request_info", "code_execution"]
    assert made.steps[1].judgement is not None
    assert (made.ending, made.judgement.code, made.task.id) == ("answered", "right", "toy-0")


def test_nonsense_is_answered_with_what_was_expected(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(lambda request: text("The answer is 3.")) as server:
        code, told = command("run", toy, *options(server.url, count=1, max_steps=2))
        heard = server.requests[1].messages[-1]["content"]
    assert (code, told["causes"]) == (0, {"malformed": 1})
    assert heard.startswith("malformed action")
    assert "Expected:" in heard
    assert '{"action": "code_execution"' in heard


def test_the_text_protocol_offers_no_functions(toy: Path, command: Command) -> None:
    action = {"action": "code_execution", "language": "sql", "submit": True,
              "code": "select count(*), 0 from patients"}  # fmt: skip
    script = text(f"I count them.\n```json\n{json.dumps(action)}\n```")
    with ScriptedEndpoint(lambda request: script) as server:
        _, told = command("run", toy, *options(server.url, protocol="text"))
        assert all("tools" not in one.body for one in server.requests)
    assert told["right"] == 1


def test_a_run_that_is_known_asks_nothing(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        command("run", toy, *options(server.url))
        before = len(server.requests)
        code, told = command("run", toy, *options(server.url))
        assert len(server.requests) == before
    assert (code, told["known"], told["episodes"]) == (0, 6, 6)


def test_more_attempts_are_added(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        command("run", toy, *options(server.url, count=2))
        _, told = command("run", toy, *options(server.url, count=2, attempts=3))
    assert (told["known"], told["episodes"]) == (2, 6)


def test_what_was_played_of_another_task_is_dropped(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        command("run", toy, *options(server.url))
        next((toy / "tasks").rglob("toy-5.yaml")).unlink()
        changed = next((toy / "tasks").rglob("toy-4.yaml"))
        changed.write_text(changed.read_text() + "max_steps: 7\n")
        _, told = command("run", toy, *options(server.url))
    assert (told["known"], told["episodes"]) == (4, 5)
    assert {row.task for row in Run.open(folder(toy)).rows()} == {f"toy-{n}" for n in range(5)}


def test_other_settings_need_another_name(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        command("run", toy, *options(server.url, count=1))
        with pytest.raises(UsageError, match=r"begun with temperature None, and this is 0\.5"):
            command("run", toy, *options(server.url, count=1, temperature=0.5))
        code, _ = command("run", toy, *options(server.url, count=1, temperature=0.5, name="warm"))
    assert code == 0
    assert folder(toy, "warm").is_dir()


def test_fresh_starts_over(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        command("run", toy, *options(server.url, count=1))
        before = len(server.requests)
        _, told = command("run", toy, *options(server.url, count=1), "--fresh")
        assert len(server.requests) == 2 * before
    assert told["known"] == 0


def test_a_failing_endpoint_is_no_failing_agent(toy: Path, command: Command) -> None:
    def broken(request: Request) -> Answer:
        return failure(422, "odd") if request.step else LOOK

    with ScriptedEndpoint(broken) as server:
        code, told = command("run", toy, *options(server.url))
        assert (code, told["episodes"], told["void"]) == (1, 0, {"endpoint": 6})
        assert told["success"] is None
        server.script = right
        asked = len(server.requests)
        code, told = command("run", toy, *options(server.url))
        assert len(server.requests) - asked == 6  # the first call of each was answered before
    assert (code, told["episodes"], told["void"]) == (0, 6, {})


def test_an_endpoint_that_is_down_stops_the_run(tmp_path: Path, command: Command) -> None:
    many = build(tmp_path / "many", 40)
    with ScriptedEndpoint(lambda request: failure(422, "odd")) as server:
        code, told = command("run", many, *options(server.url, concurrency=1))
    assert code == 1
    assert told["stopped"].startswith("the endpoint failed 20 episodes in a row: http://127.0.0.1")
    assert set(told["void"]) == {"endpoint"}
    assert 20 <= told["void"]["endpoint"] <= 21  # the next may have begun as the last ended


def test_a_wrong_key_stops_the_run_at_once(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(lambda request: failure(401, "wrong key")) as server:
        with pytest.raises(Exception, match=r"status 401: .*wrong key") as caught:
            command("run", toy, *options(server.url, concurrency=1))
        assert len(server.requests) == 1
    assert caught.value.exit_code == 3  # type: ignore[attr-defined]


def test_the_key_is_in_nothing_that_is_kept_or_printed(
    toy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def echo(request: Request) -> Answer:
        key = request.headers["authorization"]
        return failure(422, f"odd {key}") if request.number else right(request)

    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    with ScriptedEndpoint(echo) as server:
        _, told = command("run", toy, *options(server.url, key_variable="MY_KEY"))
        assert server.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert told["void"] == {"endpoint": 6}
    assert "very-secret" not in json.dumps(told)
    kept = [path for path in folder(toy).rglob("*") if path.is_file()]
    assert len(kept) >= 3
    assert all(b"very-secret" not in path.read_bytes() for path in kept)


def test_without_debugging_it_is_neither_offered_nor_allowed(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(lambda request: call("debugging")) as server:
        _, told = command("run", toy, *options(server.url, count=1, max_steps=1,
                                               without="debugging"))  # fmt: skip
        body = server.requests[0].body
    assert told["run"] == "scripted-without-debugging"
    assert "debugging" not in [one["function"]["name"] for one in body["tools"]]
    assert "debugging" not in body["messages"][1]["content"]
    row = next(Run.open(Path(told["folder"])).rows())
    assert row.trajectory().steps[0].observation.startswith("debugging is not allowed")


def test_feedback_none_tells_no_verdict(tmp_path: Path, command: Command) -> None:
    toy = build(tmp_path / "toy", 1)
    path = next((toy / "tasks").rglob("*.yaml"))
    more = "max_submissions: 2\nfeedback: each\noracle:"
    path.write_text(path.read_text().replace("oracle:", more))
    with ScriptedEndpoint(lambda request: query(7)) as server:
        command("run", toy, *options(server.url))
        assert "[Your answer is wrong.]" in server.requests[1].messages[-1]["content"]
        command("run", toy, *options(server.url, feedback="none"))
        assert "[Your answer was received" in server.requests[-1].messages[-1]["content"]


def test_the_run_stops_at_its_budget_and_goes_on_later(toy: Path, command: Command) -> None:
    prices = toy.with_name("prices.yaml")
    prices.write_text("scripted: {input: 1000, output: 10000}\n")  # $0.30 a call
    with ScriptedEndpoint(right) as server:
        more = options(server.url, prices=prices, concurrency=1)
        code, told = command("run", toy, *more, "--max-cost", "1")
        assert (code, told["episodes"], told["cost"]) == (1, 2, pytest.approx(1.2))
        assert told["stopped"] == "$1.20 of $1.00 are spent"
        code, told = command("run", toy, *more)
    assert (code, told["episodes"], told["cost"]) == (0, 6, pytest.approx(3.6))


def test_a_budget_needs_a_price(toy: Path, command: Command) -> None:
    with pytest.raises(UsageError, match="no price of scripted is known: give --prices"):
        command("run", toy, *options("http://127.0.0.1:1/v1", max_cost=1))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "need --model NAME with --base-url URL, or --agent NAME"),
        (("--agent", "referense"), "did you mean 'reference'|installed: model, reference"),
        (("--agent", "reference", "--model", "m"), "it has no --model"),
        (("--agent", "scripted"), "need --agent-option script=FILE"),
        (("--agent", "reference", "--filter", "id=none"), "no task to play"),
        (("--agent", "reference", "--name", "../x"), "need letters, digits"),
        (("--agent", "reference", "--max-cost", "1"), "has no model that could cost"),
        (("--agent", "reference", "--agent-option", "x"), "need NAME=VALUE"),
    ],
)
def test_what_cannot_be_run_is_named(
    toy: Path, command: Command, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        command("run", toy, *UNSAFE, *words)


def test_the_reference_earns_everything(toy: Path, command: Command) -> None:
    code, told = command("run", toy, *UNSAFE, "--agent", "reference")
    assert (code, told["success"], told["cost"]) == (0, 1.0, None)


def test_a_bug_of_a_service_is_no_failing_agent(
    toy: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(play: Play) -> None:
        raise InternalError("a bug of taskkit: service fhir")

    with monkeypatch.context() as patched:
        patched.setattr(Play, "run", failed)
        code, told = command("run", toy, "--agent", "reference", *UNSAFE)
    assert (code, told["episodes"], told["void"]) == (1, 0, {"service": 6})
    code, told = command("run", toy, "--agent", "reference", *UNSAFE)
    assert (code, told["episodes"], told["void"]) == (0, 6, {})


def test_a_script_is_an_agent(toy: Path, command: Command) -> None:
    script = toy.with_name("script.json")
    answer = {"action": "code_execution", "language": "sql", "submit": True,
              "code": "select count(*), 2 from patients"}  # fmt: skip
    script.write_text(json.dumps({"toy-2": [answer], "*": [{"action": "debugging"}]}))
    option = ("--agent-option", f"script={script}")
    _, told = command("run", toy, *UNSAFE, "--agent", "scripted", *option)
    assert (told["right"], told["causes"]) == (1, {"no_answer": 5})


def test_tasks_are_drawn_the_same_each_time() -> None:
    files = [Path(f"toy-{n}.yaml") for n in range(50)]
    drawn = chosen(files, 5)
    assert drawn == chosen(list(files), 5)
    assert set(drawn) < set(chosen(files, 20))
    assert drawn == sorted(drawn, key=files.index)


def test_many_episodes_wait_at_once(tmp_path: Path, command: Command) -> None:
    many = build(tmp_path / "many", 40)
    with ScriptedEndpoint(right, latency_s=0.2) as server:
        code, told = command("run", many, *options(server.url, concurrency=40))
        assert server.most >= 20
    assert (code, told["episodes"]) == (0, 40)


def test_nonsense_of_every_kind_ends_every_episode(toy: Path, command: Command) -> None:
    kinds = [failure(429, retry_after="0"), nonsense(), text(""), text("{" * 3000), LOOK,
             call("no_such_function"), Answer({"role": "assistant", "content": None})]  # fmt: skip

    def script(request: Request) -> Answer:
        return kinds[request.number % len(kinds)]

    with ScriptedEndpoint(script) as server:
        code, told = command("run", toy, *options(server.url, concurrency=2, max_steps=6))
    assert code == 0
    assert (told["episodes"], told["right"]) == (6, 0)


@pytest.mark.parametrize("after", [3, 9, 17])
def test_a_killed_run_goes_on_and_asks_nothing_twice(tmp_path: Path, after: int) -> None:
    toy = build(tmp_path / "toy", 12)
    with ScriptedEndpoint(right, latency_s=0.02) as server:
        words = [sys.executable, "-m", "taskkit", "run", str(toy), "--json",
                 *map(str, options(server.url, concurrency=3))]  # fmt: skip
        process = subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True)
        while len(server.requests) < after and process.poll() is None:
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        answered = known_calls(folder(toy))
        asked = len(server.requests)
        done = subprocess.run(words, capture_output=True, text=True)
        again = len(server.requests) - asked
    told = json.loads(done.stdout)
    assert (done.returncode, told["episodes"]) == (0, 12), done.stderr
    assert again == 24 - answered
    tasks = Counter(row.task for row in Run.open(folder(toy)).rows())
    assert set(tasks.values()) == {1}


def known_calls(run: Path) -> int:
    from taskkit.agents.endpoint.calls import Calls

    calls = Calls(run / "calls.sqlite")
    try:
        return len(calls)
    finally:
        calls.close()


def test_what_people_read_names_causes_and_the_folder(toy: Path, command: Command) -> None:
    with ScriptedEndpoint(right) as server:
        _, told = command("run", toy, *options(server.url), json_too=False)
    assert re.search(r"wrong_value\s+│\s+5 │ a wrong value, with no error", told["text"])
    assert "6 episodes (0 known before): 16.7% rewarded" in told["text"]
    assert str(folder(toy)) in told["text"]
