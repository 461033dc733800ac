"""The hospital's fixtures."""

from __future__ import annotations

from tests.play.hospital import backend, database, sha256, spec, stage

__all__ = ["backend", "database", "sha256", "spec", "stage"]
