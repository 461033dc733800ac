"""A taskset with a task for each way in which a plug-in can fail, and what is found of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from taskkit.plugin import PATIENCE
from tests.build.mistakes import ROOT, told

ENTRIES = """\
[taskkit.domains]
moody = tests.fixtures.moody
[taskkit.oracles]
moody = tests.fixtures.moody.judge:MoodyJudge
[taskkit.guides]
moody = tests.fixtures.moody.plugs:MoodyGuides
[taskkit.services]
moody = tests.fixtures.moody.plugs:MoodyService
[taskkit.examiners]
moody = tests.fixtures.moody.plugs:MoodyExaminer
[taskkit.probes]
moody = tests.fixtures.moody.plugs:MoodyProbe
"""
MOODS = {
    "judge-raises": "a judge that raises",
    "judge-none": "a judge that gives None",
    "judge-hangs": "a judge that never ends",
    "judge-catches": "a judge that never ends and catches all",
    "judge-quits": "a judge that calls sys.exit",
    "judge-dies": "a judge that ends its process",
    "guide-raises": "a guide that raises",
    "guide-none": "a guide that answers None",
    "explain-raises": "a guide that raises over an error",
    "maker-raises": "a guide that cannot be made",
    "service-raises": "a service that cannot be loaded",
    "service-none": "a service that loads None",
    "service-hangs": "a service that never loads",
    "service-dies": "a service that ends its process",
    "start-raises": "a service that does not start",
    "start-none": "a service that starts None",
    "changes-raises": "a service that dies during the episode",
    "changes-none": "a service that tells no changes",
    "examiner-raises": "an examiner that raises",
    "examiner-none": "an examiner that gives None",
    "traits-raises": "an examiner that raises over traits",
    "probe-raises": "a probe that raises",
    "probe-none": "a probe that gives None",
    "probe-text": "a probe that gives a text",
    "probe-endless": "a probe that never ends",
}
AUDITED = ("examiner", "traits", "probe")
"""What only the audit asks."""


def install(folder: Path) -> Path:
    """Write what makes the plug-ins of tests/fixtures/moody ones that are installed."""
    home = folder / "site" / "moody-1.0.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 1.0\n")
    (home / "entry_points.txt").write_text(ENTRIES)
    return home.parent


def taskkit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the plug-ins are installed."""
    path = os.pathsep.join((str(folder / "site"), str(ROOT)))
    return subprocess.run(
        [sys.executable, "-m", "taskkit", *words],
        cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path, PATIENCE: "3"},
    )  # fmt: skip


def messages(folder: Path, found: list[dict[str, Any]]) -> dict[str, str]:
    """Give what was found of each task, by its mood."""
    told_of = {}
    for one in found:
        mood = Path(one["file"]).parent.name
        text = told(f"{one['file']}: {one['code']}: {one['detail']}", folder)
        told_of[mood] = text.replace("moody-" + one["id"].removeprefix("moody-"), "moody-…")
    return told_of


def loaded(done: subprocess.CompletedProcess[str]) -> Any:
    """Read the JSON that a command printed."""
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)
