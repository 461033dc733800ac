"""Programs that answer tasks of the same category over other inputs, as a builder draws them."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.build.domain import domains
from taskkit.build.protocol import Varying
from taskkit.errors import TaskkitError
from taskkit.plugin import guard
from taskkit.spec.task import TaskSpec


def fresh(spec: TaskSpec) -> Iterator[str]:
    """Give programs that answer tasks of a category; none where its builder draws none."""
    try:
        known = domains().get(spec.domain)
        builder = known.builder() if known else None
    except TaskkitError:
        return
    if known is not None and isinstance(builder, Varying):
        yield from guard("builder", builder).variants(known.folder, spec.category)
