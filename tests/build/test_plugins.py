"""Code of others that fails is named as theirs, whatever command runs it; the rest goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.sandbox.namespace import availability
from tests.build.mistakes import documented
from tests.build.plugins import AUDITED, MOODS, install, loaded, messages, taskkit

UNSAFE = ("--sandbox", "subprocess", "--unsafe", "--jobs", "1")  # one port for all
BACKENDS = [
    pytest.param(
        ("--sandbox", "namespace"),
        marks=pytest.mark.skipif(availability() is not None, reason="no namespaces here"),
        id="namespace",
    ),
    pytest.param(UNSAFE, id="subprocess"),
]


@pytest.fixture(scope="module")
def moody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a set that has a task of each mood."""
    folder = tmp_path_factory.mktemp("moody")
    install(folder)
    done = taskkit(folder, "build", "moody", "--moods", " ".join(["well", *MOODS]))
    assert done.returncode == 0, done.stderr
    return folder


def test_at_verify_it_is_the_finding_of_its_task_and_the_others_are_verified(moody: Path) -> None:
    done = taskkit(moody, "verify", "tasks/moody", *UNSAFE, "-k", "1", "--json")
    said = loaded(done)
    found = messages(moody, said["failures"])
    page = documented()
    expected = {m: page[what] for m, what in MOODS.items() if not m.startswith(AUDITED)}
    assert found == expected
    unasked = [mood for mood in MOODS if mood.startswith(AUDITED)]
    assert (done.returncode, said["codes"]["verified"]) == (1, 1 + len(unasked))
    lines = (moody / "tasks" / "moody.results" / "quarantine.jsonl").read_text().splitlines()
    assert len(lines) == len(expected)


def test_at_audit_it_is_the_finding_of_its_task_and_the_others_are_audited(moody: Path) -> None:
    few = ("--filter", "category=[etpw]*")
    done = taskkit(moody, "audit", "tasks/moody", *UNSAFE, "--json", *few)
    said = loaded(done)
    found = messages(moody, [one for one in said["findings"] if one["code"] == "plugin_failed"])
    page = documented()
    expected = {
        mood: page[what].replace("the verifying process", "the auditing process")
        for mood, what in MOODS.items()
        if mood[0] in "etpw"
    }
    assert found == expected
    assert (done.returncode, said["sound"]) == (1, 1)


def test_at_run_it_is_the_end_of_its_episode_and_says_nothing_of_the_agent(moody: Path) -> None:
    done = taskkit(
        moody, "run", "tasks/moody", "--agent", "reference", *UNSAFE[:3], "--json",
        "--filter", "category=*-raises",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 1, done.stderr
    voids = [one for one in MOODS if one.endswith("-raises") and not one.startswith(AUDITED)]
    assert loaded(done)["void"] == {"plugin": len(voids)}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_service_with_an_asset_of_the_judge_is_proved(
    backend: tuple[str, ...], tmp_path: Path
) -> None:
    install(tmp_path)
    assert taskkit(tmp_path, "build", "moody").returncode == 0
    done = taskkit(tmp_path, "prove", "tasks/moody", *backend, "--json")
    assert (done.returncode, loaded(done)["proved"]) == (0, 1), done.stdout
    for words in (("validate",), ("verify", *backend), ("audit", *backend)):
        again = taskkit(tmp_path, words[0], "tasks/moody", *words[1:])
        assert again.returncode == 0, again.stdout + again.stderr


def test_a_plug_in_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    entries = install(tmp_path) / "moody-1.0.dist-info" / "entry_points.txt"
    entries.write_text("[taskkit.domains]\nwards = no.such.package\n")
    done = taskkit(tmp_path, "domains")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "error: domain 'wards' (no.such.package): cannot be loaded: ModuleNotFoundError:"
        " No module named 'no'\n"
    )
