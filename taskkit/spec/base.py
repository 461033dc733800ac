"""What every part of a document shares."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, StringConstraints

Item = TypeVar("Item")

Many = Annotated[tuple[Item, ...], Strict(False)]
"""Any number of items; a document writes them as a list."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
"""A name that is safe as one path segment."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, 64 lower-case hexadecimal digits."""


class Spec(BaseModel):
    """A closed, frozen document part; the docstring under a field is its schema text."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
    )
