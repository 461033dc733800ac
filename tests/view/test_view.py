"""The viewer finds tasks fast, shows what happened, and runs nothing of theirs."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from taskkit.errors import UsageError
from taskkit.run.results import SETTINGS, Episodes, Run, row_of
from taskkit.run.settings import Settings, run_folder
from taskkit.run.trajectory import Task
from taskkit.taskset.folder import Taskset
from taskkit.view.content import Content
from taskkit.view.index import Index, Wanted, query
from taskkit.view.server import Viewer
from tests.run.trajectories import sql, step, trajectory
from tests.taskset.building import build

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NEEDS_BROWSER = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here: apt-get install chromium"
)
NASTY = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty tasks, one of which is hostile, and a run over three of them."""
    path = build(tmp_path_factory.mktemp("view") / "toy", 20)
    hostile = next((path / "tasks").rglob("toy-7.yaml"))
    text = hostile.read_text()
    hostile.write_text(re.sub(r"(?m)^instruction: .*$", f"instruction: {json.dumps(NASTY)}", text))
    folder = run_folder(path, "m")
    folder.mkdir(parents=True)
    (folder / SETTINGS).write_text(
        Settings(agent="model", model="m", sandbox="fake").model_dump_json()
    )
    episodes = Episodes(folder)
    for number, verdict in ((1, "right"), (2, "wrong"), (7, "wrong")):
        task = Task(
            id=f"toy-{number}", sha256="0" * 64, domain="toy", category="count", split="train",
            source="s", licence="CC0-1.0", access="open",
        )  # fmt: skip
        made = trajectory(
            step(sql("select gender, count(*) from patients group by 1"),
                 "gender  count(*)\n------  --------\nf       2\nm       1\n(2 rows)"),
            step(sql("select x"), f"[stderr]\nError: no such column: x {NASTY}", "error"),
            step(sql(NASTY, submit=True), NASTY, judgement=verdict),
            verdict=verdict, task=task, opening=NASTY,
        )  # fmt: skip
        episodes.put(row_of(made, "" if verdict == "right" else "wrong_value"))
    episodes.close()
    return path


@pytest.fixture(scope="module")
def viewer(toy: Path) -> Iterator[Viewer]:
    index = Index.open(Taskset(toy))
    made = Viewer(Content(index, [Run.open(run_folder(toy, "m"))]))
    made.start()
    yield made
    made.close()
    index.close()


def ask(viewer: Viewer, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", viewer.port, timeout=30)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def get(viewer: Viewer, path: str) -> Any:
    answer = ask(viewer, f"/api/{path}")
    assert answer.status == 200, answer.read()
    return json.loads(answer.read())


def ids(found: Any) -> list[str]:
    return [item["id"] for item in found["items"]]


def test_the_overview_counts_tasks_and_runs(viewer: Viewer) -> None:
    told = get(viewer, "set")
    assert (told["domain"], told["total"]) == ("toy", 20)
    [run] = told["runs"]
    assert (run["name"], run["episodes"], run["right"]) == ("m", 3, 1)
    assert run["causes"] == {"wrong_value": 2}
    assert told["counts"]["state"] == {"new": 20}


def test_a_list_comes_in_parts(viewer: Viewer) -> None:
    whole = get(viewer, "tasks?limit=200")
    part = get(viewer, "tasks?offset=5&limit=3")
    assert (part["total"], ids(part)) == (20, ids(whole)[5:8])


@pytest.mark.parametrize(
    ("asked", "found"),
    [("words=toy-13", ["toy-13"]), ("run=m&outcome=right", ["toy-1"]),
     ("outcome=wrong_value", ["toy-2", "toy-7"]), ("run=m", ["toy-1", "toy-2", "toy-7"]),
     ("words=onerror", ["toy-7"]), ("split=none", []), ("words=no%20such", []),
     ("words=%22%27%29+or+1%3D1+--", []), ("state=proved", []), ("offset=99", []),
     ("run=m&outcome=wrong&words=toy-2", ["toy-2"])],
)  # fmt: skip
def test_a_search_finds_what_is_asked_for(viewer: Viewer, asked: str, found: list[str]) -> None:
    assert ids(get(viewer, f"tasks?{asked}")) == found


def test_a_query_takes_no_syntax_from_words() -> None:
    assert query('a" OR b') == '"a""" "OR" "b"*'
    assert Wanted().where() == ("1", [])


def test_a_task_has_its_question_data_and_episodes(viewer: Viewer) -> None:
    task = get(viewer, "task/toy-2")
    assert task["spec"]["oracle"]["expected"] == [[3, 2]]
    assert [one["name"] for one in task["schema"]] == ["admissions", "patients"]
    assert task["schema"][1]["rows"][0] == ["1", "7", "2050-01-01"]
    assert task["documents"][0]["text"].startswith("# The tables")
    assert [(one["run"], one["cause"]) for one in task["episodes"]] == [("m", "wrong_value")]


def test_an_episode_has_its_steps(viewer: Viewer) -> None:
    made = get(viewer, "episode/m/toy-1.1")
    assert [one["kind"] for one in made["trajectory"]["steps"]] == ["code_execution"] * 3
    assert made["trajectory"]["judgement"]["reward"] == 1.0


@pytest.mark.parametrize(
    "path",
    ["/api/task/none", "/api/task/..%2F..%2Ftaskset", "/api/episode/m/none", "/api/episode/x/y",
     "/api/none", "/../index.py", "/static/app.js", "/index.html", "/api/"],
)  # fmt: skip
def test_nothing_else_is_served(viewer: Viewer, path: str) -> None:
    assert ask(viewer, path).status == 404


def test_a_policy_forbids_what_is_not_the_page_s_own(viewer: Viewer) -> None:
    for path in ("/", "/app.js", "/api/set"):
        headers = ask(viewer, path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_under_another_name_gets_nothing(viewer: Viewer) -> None:
    assert ask(viewer, "/api/set", Host="evil.example:80").status == 403


def test_credentialed_data_need_the_secret_of_the_address(viewer: Viewer) -> None:
    closed = Viewer(viewer.content, secret="s3cret")  # noqa: S106
    closed.start()
    try:
        assert ask(closed, "/api/set").status == 404
        assert ask(closed, "/").status == 404
        assert ask(closed, "/s3cret/api/set").status == 200
        assert closed.url.endswith("/s3cret/")
    finally:
        closed.close()


def test_the_page_writes_no_text_as_html() -> None:
    static = Path(__file__).parents[2] / "taskkit" / "view" / "static"
    for path in static.iterdir():
        text = path.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                    "Function(", "javascript:", "style=", "onclick", "https://"):  # fmt: skip
            assert way not in text, (path.name, way)


def test_an_index_follows_the_set(tmp_path: Path) -> None:
    path = build(tmp_path / "toy", 3)
    Index.open(Taskset(path)).close()
    file = next((path / "tasks").rglob("toy-1.yaml"))
    file.write_text(file.read_text().replace("toy-1", "toy-1"))
    next((path / "tasks").rglob("toy-2.yaml")).unlink()
    file.write_text("nonsense: true\n")
    index = Index.open(Taskset(path))
    try:
        total, items = index.tasks(Wanted(), 0, 10)
        assert (total, [item["id"] for item in items]) == (2, ["toy-0", "toy-1"])
        assert items[1]["question"].startswith("(cannot be read: ")
        assert index.tasks(Wanted(words="toy-2"), 0, 10)[0] == 0
    finally:
        index.close()


def test_a_folder_that_cannot_be_written_is_shown_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build(tmp_path / "toy", 3)
    monkeypatch.setattr("os.access", lambda *_: False)
    index = Index.open(Taskset(path))
    assert index.tasks(Wanted(), 0, 10)[0] == 3
    index.close()
    assert not list(tmp_path.rglob("view.sqlite"))


def test_a_taken_port_is_named(viewer: Viewer, toy: Path) -> None:
    from taskkit.cli.main import cli

    with pytest.raises(UsageError, match=f"--port {viewer.port}: .*: need a free one, or 0"):
        cli.main(
            ["view", str(toy), "--port", str(viewer.port), "--no-browser"], standalone_mode=False
        )


def page(viewer: Viewer, where: str, tmp_path: Path, width: int = 1280) -> str:
    """Give the document that a browser made of a page."""
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000",
         f"--user-data-dir={tmp_path / 'browser'}", f"--window-size={width},900", "--dump-dom",
         f"{viewer.url}#{where}"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout


@NEEDS_BROWSER
@pytest.mark.parametrize("where", ["/", "/task/toy-7", f"/episode/{quote('m')}/toy-7.1"])
def test_hostile_texts_stand_as_text(viewer: Viewer, tmp_path: Path, where: str) -> None:
    text = page(viewer, where, tmp_path)
    assert "<title>toy · taskkit</title>" in text
    assert "&lt;img src=x onerror=" in text
    assert "<img" not in text
    assert text.count("<script") == 2


@NEEDS_BROWSER
def test_rows_become_a_table_and_errors_stand_out(viewer: Viewer, tmp_path: Path) -> None:
    text = page(viewer, "/episode/m/toy-2.1", tmp_path)
    assert "<th>gender</th><th>count(*)</th>" in text
    assert '<pre class="error">' in text
    assert "wrong_value" in text


@NEEDS_BROWSER
def test_a_task_leads_to_the_next_of_its_list(viewer: Viewer, tmp_path: Path) -> None:
    text = page(viewer, "/task/toy-2?run=m&n=1", tmp_path)
    assert "2 of 3" in text
    assert 'href="#/task/toy-1?run=m&amp;n=0"' in text
    assert 'href="#/task/toy-7?run=m&amp;n=2"' in text
