"""What the opening of a domain's task promises is kept, and what the task has is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.domain import Domain, shipped
from taskkit.build.protocol import Preparation, Request
from taskkit.play.stage import Stage
from taskkit.sandbox.choose import choose
from taskkit.spec.task import TaskSpec
from taskkit.testing.openings import broken_promises, promises

SOURCELESS = {"mimic-iv"}  # its tables and questions come from outside
SMALL: Mapping[str, Any] = {"patients": 40, "sift": False, "per_question": 1}
COHORTS = {"ehrshot": 200, "mimic-extract": 2000}
"""Patients that are enough for the first task with a threshold."""
DOMAINS = sorted(path.parent.name for path in shipped().glob("*/domain.yaml"))


def first_task(name: str, work: Path) -> tuple[TaskSpec, Preparation]:
    """Make the first task of a domain that one can be made of."""
    domain = Domain.read(shipped() / name)
    builder = domain.builder()
    small = {
        field: value for field, value in SMALL.items() if field in builder.Options.model_fields
    }
    small |= {"patients": COHORTS[name]} if name in COHORTS else {}
    work.mkdir()
    request = Request(domain.folder, builder.Options(**small), work, limit=1)
    preparation = builder.prepare(request)
    for unit in preparation.units:
        for one in builder.produce(preparation, unit):
            if isinstance(one, TaskSpec):
                return one, preparation
    raise AssertionError(f"{name}: no task")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Any]:
    assets: dict[str, Path] = {}
    texts: dict[str, str] = {}
    backend = choose("subprocess", unsafe=True)
    with Stage(backend, assets.__getitem__, texts.__getitem__, tmp_path / "cache") as made:
        yield made, assets, texts


def test_every_domain_is_looked_at() -> None:
    assert len(DOMAINS) >= 13
    assert set(DOMAINS) > SOURCELESS


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DOMAINS if name not in SOURCELESS])
def test_an_opening_promises_what_its_task_has(name: str, stage: Any, tmp_path: Path) -> None:
    played, assets, texts = stage
    spec, preparation = first_task(name, tmp_path / "work")
    for asset in spec.environment.assets:
        assets[asset.sha256] = Path(preparation.assets[asset.name])
    for text in preparation.documents.values():
        texts[hashlib.sha256(text.encode()).hexdigest()] = text
    with played.episode(spec) as episode:
        assert list(promises(episode.reset().text))
        assert broken_promises(episode) == []
