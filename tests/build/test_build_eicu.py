"""`taskkit build eicu`, from each of its sources to a proved taskset."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.ehr.rendering.eicu import generate_eicu
from tests.build.test_mimic import prove, taskkit, tree
from tests.ehr.small_eicu import DOMAIN
from tests.ehr.upstream import upstream

pytestmark = pytest.mark.slow


def test_the_embedded_source_gives_proved_tasks(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("build", "eicu", "--patients", "150", "--limit", "200")
    assert taskkit(*words, "--out", out, cwd=tmp_path)["tasks"]["total"] == 200
    prove(out)
    again = tmp_path / "again"
    taskkit(*words, "--jobs", "1", "--out", again, cwd=tmp_path, PYTHONHASHSEED="5")
    assert tree(again) == tree(out)


def test_a_database_of_the_users_own_gives_proved_tasks(tmp_path: Path) -> None:
    source = tmp_path / "own.sqlite"
    generate_eicu(source, domain=DOMAIN, patients=100, seed=4)
    out = tmp_path / "out"
    built = taskkit(
        "build", "eicu", "--source", source, "--limit", "100", "--out", out, cwd=tmp_path
    )
    assert built["tasks"]["total"] == 100
    prove(out)


def test_the_demo_gives_what_its_tables_allow(tmp_path: Path) -> None:
    source = upstream("eicu-demo-2.0.1") / "full_tables_gz"
    out = tmp_path / "out"
    built = taskkit(
        "build", "eicu", "--source", source, "--limit", "150", "--out", out, cwd=tmp_path
    )
    assert built["tasks"]["total"] == 150
    lacking = [line for line in (out / "quarantine.jsonl").open() if "missing_table" in line]
    assert len(lacking) == 33
    prove(out)
