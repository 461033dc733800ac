"""The doctor says what there is, what is missing, and which command gives it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskkit.cli.doctor import doctor
from taskkit.sandbox import machine
from taskkit.sandbox.docker import CAPABILITIES, SWITCHES

NO_ENGINE = "sandbox docker: no engine answers: FileNotFoundError"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has nothing."""
    monkeypatch.setattr("taskkit.sandbox.namespace.availability", lambda: "unshare: EPERM")
    monkeypatch.setattr("taskkit.sandbox.choose.availability", lambda: "unshare: EPERM")
    monkeypatch.setattr("taskkit.sandbox.engine.availability", lambda: NO_ENGINE)


@pytest.mark.usefixtures("bare")
def test_nothing_safe_ends_with_3_and_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["--json"], standalone_mode=False) == 3
    found = json.loads(capsys.readouterr().out)
    steps = {fact["what"]: fact["steps"] for fact in found["facts"]}
    assert found["auto"] is None
    assert "as root: sysctl -w user.max_user_namespaces=15000" in steps["namespaces"]
    assert any("apt-get install -y docker.io" in step for step in steps["docker"])


def test_something_safe_ends_with_0_and_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskkit.sandbox.choose.availability", lambda: None)
    monkeypatch.setattr("taskkit.sandbox.engine.availability", lambda: NO_ENGINE)
    assert doctor.main(["--json"], standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["auto"] == "namespace"


@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_what_costs_containers_their_bareness_comes_with_a_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing, allowing = SWITCHES[name]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(refusing + "\n")
    monkeypatch.setattr("taskkit.sandbox.docker.SETTINGS", tmp_path)
    fact = machine._rights()
    assert (fact.state, str(len(CAPABILITIES)) in fact.detail) == ("note", True)
    assert fact.steps == (f"as root: sysctl -w {name.replace('/', '.')}={allowing}",)
