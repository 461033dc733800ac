"""A small taskset of a domain that no test owns."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run

DOMAINS = Path(__file__).parents[1] / "fixtures" / "domains"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A taskset of 12 tasks, each the total dose of a drug."""
    source = tmp_path / "doses.csv"
    source.write_text("drug,dose\n" + "".join(f"drug{n % 12},{n}\n" for n in range(1, 80)))
    found = domain("toy", (DOMAINS,))
    run(Order(found, found.builder().Options(), tmp_path / "toy", source=source))
    return tmp_path / "toy"
