"""Small tasksets, and runs over them by the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskkit.cli.main import cli
from tests.play.hospital import backend, database, sha256, spec, stage
from tests.taskset.building import build

__all__ = ["backend", "database", "sha256", "spec", "stage"]

Command = Callable[..., tuple[int, dict[str, Any]]]
UNSAFE = ("--sandbox", "subprocess", "--unsafe")


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Six tasks; number n is right with n patients and a row of 3 and n."""
    return build(tmp_path / "toy", 6)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give the exit code of a command, and what it printed as JSON."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def run(*words: object, json_too: bool = True) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        more = ("--json",) if json_too else ()
        status = cli.main([*map(str, words), *more], standalone_mode=False)
        printed = capsys.readouterr().out
        return int(status or 0), json.loads(printed) if json_too else {"text": printed}

    return run


def options(url: str, **more: object) -> tuple[object, ...]:
    """Give the options of a run at an endpoint."""
    listed = [(f"--{name.replace('_', '-')}", value) for name, value in more.items()]
    flat = [one for pair in listed for one in pair if one is not True]
    return ("--model", "scripted", "--base-url", url, *UNSAFE, *flat)
