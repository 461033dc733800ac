"""Where a task comes from, and what may be done with it."""

from __future__ import annotations

from typing import Literal

from taskkit.spec.base import Sha256, Spec


class Provenance(Spec):
    """The record that a task was made from."""

    source: str
    """Name and version of the source, such as `MIMIC-III Clinical Database Demo 1.4`."""
    record: str
    """Identifier of the record in the source: a question id, or a template with its slots."""
    record_sha256: Sha256
    """Digest of the record's canonical bytes."""
    licence: str
    """SPDX expression of what the task may be distributed under, or the licence's name."""
    access: Literal["open", "credentialed"]
    """`credentialed`: derived from data that may not be passed on."""
    citation: str | None = None
    """Who to cite."""
    builder: str
    """Name and version of the builder, such as `mimic 0.1.0`."""
