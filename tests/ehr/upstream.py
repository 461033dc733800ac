"""Real inputs that are not part of the project; tests that use them skip where they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def upstream(name: str) -> Path:
    """Give a folder of the real inputs, or skip the test."""
    root = os.environ.get("TASKKIT_UPSTREAM") or Path(__file__).parents[3] / "shared" / "upstream"
    folder = Path(root) / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: set TASKKIT_UPSTREAM to the folder of real inputs")
    return folder
