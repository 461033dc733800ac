"""The namespace backend keeps what every backend promises."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import cast

import pytest

from taskkit.sandbox import cgroup
from taskkit.sandbox.conformance import Conformance
from taskkit.sandbox.guest.cell import Cell
from taskkit.sandbox.guest.launch import FULL, PLAIN, Launcher
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits

REASON = availability()

pytestmark = pytest.mark.skipif(
    REASON is not None, reason=f"no namespaces here; see docs/sandbox.md: {REASON}"
)


class TestNamespace(Conformance):
    counted = cgroup.ground().base is not None

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Namespace:
        return Namespace()


LOADED = "import sys\nanswer = sum(name.startswith('pan' 'das') for name in sys.modules)"


def test_packages_are_loaded_for_programs_that_name_one_and_in_reach_of_all() -> None:
    worker = Namespace().worker(Site("sql", preload=("sqlite3", "pandas")))
    codes = (LOADED, LOADED + "  # pandas", "answer = __import__('pan' 'das').Series([2]).sum()")
    try:
        with worker.session() as session:
            programs = [Program("python", code, collect=True) for code in codes]
            answers = [session.run(one, Limits()).document for one in programs]
    finally:
        worker.close()
    plain, full, other = [int(answer or b"-1") for answer in answers]
    assert other == 2
    assert full > 0
    assert plain == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("raise SystemExit(0)", PLAIN),
        ("import math, json\nfrom datetime import date", PLAIN),
        ("import sqlite3", PLAIN),
        ("answer = pandas.DataFrame()", FULL),
        ("import math\nif x:\n    from numpy.linalg import norm", FULL),
        ("import lifelines", FULL),
        ("import os, pandas", FULL),
        ("import os; from duckdb import sql", FULL),
        ("from \udcff import y", FULL),
    ],
)
def test_programs_that_name_a_package_are_forked_where_packages_are(
    monkeypatch: pytest.MonkeyPatch, code: str, kind: int
) -> None:
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    assert launcher().kind(code.encode("utf-8", "surrogateescape")) == kind


@pytest.mark.parametrize("prefix", ["/tmp/python", "/workspace/python"])
def test_where_python_is_out_of_reach_its_packages_are_loaded_for_all(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setattr(sys, "base_prefix", prefix)
    assert launcher().kind(b"raise SystemExit(0)") == FULL


def launcher() -> Launcher:
    config = {"preload": ["sqlite3", "pandas.io", "numpy"], "executable": "/opt/venv/bin/python"}
    place = SimpleNamespace(isolated=False, workspace="/workspace", temporary="/tmp")
    return Launcher(config, cast(Cell, place))
