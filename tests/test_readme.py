"""What the README tells a reader to do is what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_its_two_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^    make (\w+)", README, re.MULTILINE)) == {"demo", "test"} <= targets


def test_the_documents_it_names_exist() -> None:
    named = re.findall(r"\b(?:docs/[\w.-]+|[A-Z]{4,}\.md)", README)
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    "line", re.findall(r"^    (?:\$ )?taskkit ([^#\n]+)", README, re.MULTILINE)
)
def test_its_commands_have_the_options_it_uses(line: str) -> None:
    words = line.split()
    command = [word for word in words[:2] if re.fullmatch(r"[a-z-]+", word)]
    help_text = subprocess.run(
        [sys.executable, "-m", "taskkit", *command, "--help"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for option in (word for word in words if word.startswith("--")):
        assert option in help_text


@pytest.mark.slow
def test_its_python_runs(tmp_path: Path) -> None:
    build = ["build", "mimic", "--patients", "60", "--limit", "40"]
    subprocess.run([sys.executable, "-m", "taskkit", *build], cwd=tmp_path, check=True)
    block = re.search(r"    import json, taskkit\n.*?\"submit\": True}\)\)\n", README, re.DOTALL)
    assert block is not None
    code = "\n".join(line.removeprefix("    ") for line in block[0].splitlines())
    end = "assert env.unwrapped is not None; env.close()"
    subprocess.run([sys.executable, "-c", f"{code}\n{end}"], cwd=tmp_path, check=True)
