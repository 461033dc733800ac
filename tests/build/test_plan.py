"""A plan's builds are done once each, whatever interrupts them, and one that fails stops none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from taskkit.build.domain import domains
from taskkit.build.plan import DOCUMENTS, PlannedBuild, order, plan_file, plans, read_plan
from taskkit.build.series import Done, do
from taskkit.errors import SpecError, TaskkitError, UsageError
from taskkit.spec.schema import schema_text
from taskkit.taskset.folder import Taskset
from tests.taskset.building import contents

ROOT = Path(__file__).parents[2]
DOMAINS = ROOT / "tests" / "fixtures" / "domains"
HEAD = "schema: taskkit/plan/1\ntitle: Doses\n"
PUBLISHED = {"mimic": 10_440, "eicu": 6_824, "treqs": 9_984, "seqsql": 26_863}


@pytest.fixture(autouse=True)
def _toy_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKKIT_DOMAINS", str(DOMAINS))


def plan(folder: Path, *builds: str) -> Path:
    """A plan of builds of the domain toy; the source is doses.csv beside it."""
    path = folder / "plan.yaml"
    lines = [f"  - {{domain: toy, source: doses.csv, {one}}}\n" for one in builds]
    path.write_text(HEAD + "builds:\n" + "".join(lines))
    if not (folder / "doses.csv").exists():
        (folder / "doses.csv").write_text("drug,dose\na,1\nb,2\nc,3\nc,4\n")
    return path


def done(path: Path, out: Path, *, fresh: bool = False) -> list[Done]:
    return do([order(one, out) for one in read_plan(path)], fresh=fresh)


def states(path: Path, out: Path, *, fresh: bool = False) -> list[str]:
    return [one.state for one in done(path, out, fresh=fresh)]


def test_the_published_schema_is_the_model_s() -> None:
    published = (ROOT / "schemas" / "plan.json").read_text("utf-8")
    assert published == schema_text("plan", DOCUMENTS), "run `make schemas`"


@pytest.mark.parametrize("name", plans())
def test_a_shipped_plan_meets_its_schema_and_names_domains_and_options(
    name: str, tmp_path: Path
) -> None:
    document = yaml.safe_load(plans()[name].read_text("utf-8"))
    Draft202012Validator(json.loads((ROOT / "schemas" / "plan.json").read_text())).validate(
        document
    )
    builds = read_plan(plans()[name])
    assert {one.domain for one in builds} <= set(domains())
    assert [order(one, tmp_path).limit for one in builds] == [one.count for one in builds]
    told = [one for one in builds if one.domain != "fhir"]  # whose splits were not published
    assert all(one.count == sum(one.published.values()) for one in told)


def test_every_data_set_of_the_gym_is_in_the_plan_of_all() -> None:
    counts = {one.domain: one.count for one in read_plan(plans()["all"])}
    assert len(counts) == 13  # and EHRSQL-2024's, which the gym has not
    assert sum(count or 0 for count in counts.values()) >= 72_413


def test_the_sql_family_is_as_large_as_what_was_published() -> None:
    assert {one.domain: one.count for one in read_plan(plans()["sql-family"])} == PUBLISHED
    assert {one.domain for one in read_plan(plans()["all"])} > PUBLISHED.keys()


def test_a_second_run_does_nothing_and_gives_the_same(tmp_path: Path) -> None:
    path = plan(tmp_path, "name: one", "name: two, options: {least: 2}")
    first = done(path, tmp_path / "out")
    assert [one.state for one in first] == ["built", "built"]
    before = contents(tmp_path / "out" / "two")
    again = done(path, tmp_path / "out")
    assert [one.state for one in again] == ["stood", "stood"]
    assert [one.manifest for one in again] == [one.manifest for one in first]
    assert contents(tmp_path / "out" / "two") == before
    assert states(path, tmp_path / "out", fresh=True) == ["built", "built"]


def test_only_what_is_asked_otherwise_is_built_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    states(plan(tmp_path, "name: one", "name: two"), out)
    assert states(plan(tmp_path, "name: one", "name: two, seed: 1"), out) == ["stood", "built"]
    assert states(plan(tmp_path, "name: one, count: 2", "name: two, seed: 1"), out) == [
        "built", "stood",
    ]  # fmt: skip
    (tmp_path / "doses.csv").write_text("drug,dose\nz,1\ny,2\n")
    assert states(plan(tmp_path, "name: one, count: 2", "name: two, seed: 1"), out) == [
        "built", "built",
    ]  # fmt: skip


def test_a_taskset_that_is_not_whole_is_built_again(tmp_path: Path) -> None:
    path, out = plan(tmp_path, "name: one"), tmp_path / "out"
    states(path, out)
    next(Taskset(out / "one").paths()).unlink()
    assert states(path, out) == ["built"]
    (out / "one" / "taskset.yaml").write_text("schema: other\n")
    assert states(path, out) == ["built"]
    (out / "one.results" / "build.json").write_text("[]")
    assert states(path, out) == ["built"]


def test_a_build_that_fails_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text("drug,dose\na,much\n")
    path = plan(tmp_path, "name: one", "name: two")
    path.write_text(path.read_text().replace("doses.csv, name: one", "broken.csv, name: one"))
    one, two = done(path, tmp_path / "out")
    assert (one.state, two.state) == ("failed", "built")
    assert "broken.csv" in str(one.error)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("builds: []", SpecError, "builds: none"),
        ("builds: [{domain: toy}, {domain: toy}]", SpecError, "two builds write 'toy'"),
        ("includes: [nothing]", SpecError, "includes: 'nothing': need another shipped plan"),
        ("builds: [{domian: toy}]", SpecError, "did you mean"),
        ("builds: [{domain: tyo}]", UsageError, "did you mean 'toy'"),
        ("builds: [{domain: toy, source: none}]", UsageError, "none: no such file or folder"),
        ("builds: [{domain: toy, options: {last: 2}}]", UsageError, "did you mean 'least'"),
        ("builds: [{domain: toy, options: {least: -2}}]", UsageError, r"toy: options\.least"),
    ],
)
def test_a_wrong_plan_says_what_to_change(
    tmp_path: Path, text: str, error: type[TaskkitError], message: str
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"{HEAD}{text}\n")
    with pytest.raises(error, match=message):
        [order(one, tmp_path) for one in read_plan(path)]


def test_a_plan_is_named_or_a_file(tmp_path: Path) -> None:
    assert plan_file("sql-family") == plans()["sql-family"]
    assert plan_file("mimic") is None
    with pytest.raises(UsageError, match="did you mean 'sql-family'"):
        plan_file("sql-famly.yaml")


def test_a_name_and_the_options_of_a_build_reach_its_order(tmp_path: Path) -> None:
    one = PlannedBuild(domain="toy", name="few", count=3, seed=4, options={"least": 2})
    made = order(one, tmp_path)
    assert (made.out, made.limit, made.seed) == (tmp_path / "few", 3, 4)
    assert made.options.model_dump() == {"least": 2.0}


@pytest.mark.slow
def test_a_run_that_is_killed_is_taken_up_where_it_was(tmp_path: Path) -> None:
    path = plan(tmp_path, "name: one")
    path.write_text(
        f"{path.read_text()}  - {{domain: treqs, count: 200, options: {{patients: 150}}}}\n"
    )
    command = [sys.executable, "-m", "taskkit", "build", str(path), "--json", "--out"]
    whole = subprocess.run([*command, tmp_path / "whole"], capture_output=True, check=True)
    process = subprocess.Popen([*command, tmp_path / "out"], stdout=subprocess.DEVNULL)
    while not list((tmp_path / "out").glob(".treqs.partial-*/tasks")):
        assert process.poll() is None
        time.sleep(0.01)
    children = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = subprocess.run([*command, tmp_path / "out"], capture_output=True, check=True)
    assert [one["state"] for one in json.loads(again.stdout)] == ["stood", "built"]
    assert [one["state"] for one in json.loads(whole.stdout)] == ["built", "built"]
    for name in ("one", "treqs"):
        assert contents(tmp_path / "out" / name) == contents(tmp_path / "whole" / name)
    assert not list((tmp_path / "out").glob(".*"))
    assert not [one for one in children if _runs(one)], "workers outlive what began them"


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(one) for one in text.split()]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
