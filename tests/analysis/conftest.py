"""The synthetic studies, drawn once for all tests of the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.analysis.publication import publish
from taskkit.analysis.recipes import RECIPES
from taskkit.analysis.solving import shuffle

DOMAIN = Path(__file__).parents[2] / "domains" / "biodsbench"


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the tables."""
    folder = tmp_path_factory.mktemp("studies")
    for recipe in RECIPES:
        publish(recipe, folder, 0)
    return folder


@pytest.fixture(scope="session")
def shuffled(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the same tables in another order."""
    folder = tmp_path_factory.mktemp("shuffled")
    shuffle({path.name: path for path in studies.iterdir()}, folder)
    return folder
