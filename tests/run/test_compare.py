"""Comparisons: figures of worked examples, and a run whose outcomes were planted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.errors import SpecError
from taskkit.run.compare import Comparison
from taskkit.run.figures import difference, interval, pass_at, pass_hat, passes, success
from taskkit.run.floors import Floor, Floors
from taskkit.run.results import SETTINGS, Episodes, Run, row_of, void
from taskkit.run.settings import Settings
from taskkit.run.suites import Suites, read_suites
from taskkit.run.trajectory import Task, Tokens
from tests.run.conftest import Command
from tests.run.trajectories import sql, step, trajectory

INNER = Suites(
    schema_version="taskkit/suites/1",
    suites={"external": ("npower*", "mimic/cost"), "internal": ("*",)},
)


@pytest.mark.parametrize(
    ("k", "right", "attempts", "at", "hat"),
    [(1, 3, 10, 0.3, 0.3), (2, 1, 2, 1.0, 0.0), (2, 2, 4, 5 / 6, 1 / 6), (4, 4, 4, 1.0, 1.0),
     (3, 0, 5, 0.0, 0.0)],
)  # fmt: skip
def test_passes_of_worked_examples(
    k: int, right: int, attempts: int, at: float, hat: float
) -> None:
    assert pass_at(k, right, attempts) == pytest.approx(at)
    assert pass_hat(k, right, attempts) == pytest.approx(hat)


def test_passes_are_of_the_tasks_with_enough_attempts() -> None:
    found = passes({"a": [1.0, 0.0, 1.0], "b": [0.0], "c": [1.0, 1.0, 1.0]})
    assert [(one.k, one.tasks) for one in found] == [(1, 3), (2, 2), (3, 2)]
    assert found[2].at == 1.0
    assert found[2].hat == 0.5


def test_an_interval_is_of_the_tasks_not_of_the_attempts() -> None:
    assert success({"a": [1.0, 1.0, 0.0, 0.0], "b": [1.0]}) == [0.5, 1.0]


def test_an_interval_of_a_hundred_tasks_is_near_the_normal_one() -> None:
    found = interval([1.0] * 30 + [0.0] * 70)
    assert found is not None
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.21, abs=0.02)
    assert found.high == pytest.approx(0.39, abs=0.02)


def test_an_interval_is_the_same_each_time_and_in_any_order() -> None:
    values = [0.0, 1.0, 0.5, 1.0, 0.0]
    assert interval(values) == interval(values[::-1]) == interval(values)


def test_what_never_varies_has_no_width() -> None:
    found = interval([1.0, 1.0])
    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)
    assert interval([]) is None


def test_a_difference_is_of_the_tasks_in_both() -> None:
    found = difference({"a": [1.0], "b": [0.0, 1.0], "c": [1.0]}, {"a": [0.0], "b": [1.0, 1.0]})
    assert (found.tasks, found.better, found.worse) == (2, 1, 1)
    assert found.change is not None
    assert found.change.value == pytest.approx(0.25)


def planted(folder: Path, outcomes: dict[str, str], *, cost: float | None = None) -> Run:
    """Write a run: verdict by `domain/category/id`."""
    folder.mkdir(parents=True)
    settings = Settings(agent="model", model="m", sandbox="fake")
    (folder / SETTINGS).write_text(settings.model_dump_json())
    episodes = Episodes(folder)
    for place, verdict in outcomes.items():
        domain, category, id = place.split("/")
        if verdict == "void":
            episodes.put(void(Path("test") / category / id, "0" * 64, 1, "endpoint", "down"))
            continue
        task = Task(
            id=id, sha256="0" * 64, domain=domain, category=category, split="test", source="s",
            licence="CC0-1.0", access="open",
        )  # fmt: skip
        made = trajectory(step(sql(), "1", judgement=verdict), verdict=verdict, task=task,
                          tokens=Tokens(input=10, output=5, cost=cost))  # fmt: skip
        episodes.put(row_of(made, "" if verdict == "right" else "wrong_value"))
    episodes.close()
    return Run.open(folder)


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Run, Run]:
    places = [f"mimic/cost/m-{n}" for n in range(4)] + [f"npower/t/n-{n}" for n in range(2)]
    one = {place: "right" if place.endswith(("0", "1")) else "wrong" for place in places}
    other = {**one, "mimic/cost/m-2": "right", "npower/t/n-0": "void"}
    folder = tmp_path / "set.results" / "runs"
    return planted(folder / "one", one, cost=0.5), planted(folder / "other", other)


def test_groups_come_out_as_planted(runs: tuple[Run, Run]) -> None:
    made = Comparison.of(runs, INNER)
    found = {
        (group.run, group.by, group.name): (group.tasks, group.success and group.success.value)
        for group in made.groups(["domain", "suite"])
    }
    assert found == {
        ("one", "all", "all"): (6, pytest.approx(4 / 6)),
        ("other", "all", "all"): (5, pytest.approx(4 / 5)),
        ("one", "domain", "mimic"): (4, 0.5),
        ("other", "domain", "mimic"): (4, 0.75),
        ("one", "domain", "npower"): (2, 1.0),
        ("other", "domain", "npower"): (1, 1.0),
        ("one", "suite", "external"): (6, pytest.approx(4 / 6)),
        ("other", "suite", "external"): (5, pytest.approx(4 / 5)),
    }


def test_an_episode_without_a_result_counts_for_nothing(runs: tuple[Run, Run]) -> None:
    made = Comparison.of(runs, INNER)
    assert made.runs[1].void == {"endpoint": 1}
    [(run, against, found)] = made.differences()
    assert (run, against, found.tasks, found.better, found.worse) == ("other", "one", 5, 1, 0)


def test_costs_are_added_where_they_are_known(runs: tuple[Run, Run]) -> None:
    one, other = Comparison.of(runs, INNER).groups([])
    assert (one.cost, other.cost) == (3.0, None)


def test_runs_of_one_name_over_several_sets_are_one(tmp_path: Path) -> None:
    made = Comparison.of(
        [
            planted(tmp_path / "a.results" / "runs" / "m", {"a/c/a-1": "right"}),
            planted(tmp_path / "b.results" / "runs" / "m", {"b/c/b-1": "wrong"}),
        ],
        INNER,
    )
    assert [(g.name, g.tasks) for g in made.groups(["domain"])] == [("all", 2), ("a", 1), ("b", 1)]


def test_floors_are_of_the_best_rule_over_the_tasks_given() -> None:
    floors = Floors({"a": ("always 0",), "b": ("always 0", "echo"), "c": ()}, frozenset({"c"}))
    assert floors.floor(["a", "b", "c", "unknown"]) == Floor(3, 1 / 3, 2 / 3, "always 0")
    assert floors.floor(["unknown"]) is None


def test_a_suite_is_the_first_that_fits() -> None:
    assert INNER.of("npower", "t") == "external"
    assert INNER.of("mimic", "cost") == "external"
    assert INNER.of("mimic", "age") == "internal"


def test_the_shipped_suites_are_inner_and_outer() -> None:
    shipped = read_suites(None)
    assert set(shipped.suites) == {"internal", "external"}
    assert shipped.of("mimic", "cost") == "internal"
    assert shipped.of("npower", "means") == "external"


def test_suites_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "suites.yaml").write_text("schema: taskkit/suites/1\nsuites: {x: 3}\n")
    with pytest.raises(SpecError, match=r"suites\.x"):
        read_suites(tmp_path / "suites.yaml")


def test_the_command_shows_figures_floors_and_the_paper(
    runs: tuple[Run, Run], command: Command
) -> None:
    folders = [run.folder for run in runs]
    _, told = command("compare", *folders, "--failures", json_too=False)
    for words in ("66.7%", "80.0%", "+20.0", "50.4%", "without a result: 1 by the endpoint"):
        assert words in told["text"]
    _, document = command("compare", *folders, "--by", "suite", "--failures")
    assert {group["name"] for group in document["groups"]} == {"all", "internal", "external"}
    behaviour: dict[str, Any] = document["behaviour"]["one"]
    assert behaviour["kinds"] == {"code_execution": 6}
