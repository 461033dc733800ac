"""Suites: names for groups of domains, in a file that users edit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.document import read_document


class Suites(Spec):
    """Which domains count as what."""

    schema_version: Literal["taskkit/suites/1"] = Field(alias="schema")
    """Version of this document's form."""
    suites: dict[Name, Many[str]]
    """Name to patterns of a domain, such as `mimic*`, or of domain and category: `mimic/cost`."""

    def of(self, domain: str, category: str) -> str:
        """Give the first suite that a task belongs to; empty where it belongs to none."""
        whole = f"{domain}/{category}"
        for name, patterns in self.suites.items():
            if any(fnmatchcase(domain, one) or fnmatchcase(whole, one) for one in patterns):
                return name
        return ""


DOCUMENTS: dict[str, type[BaseModel]] = {"suites": Suites}
"""File name without `.json` to the model, for schemas/."""


def read_suites(path: Path | None) -> Suites:
    """Read a file of suites; the one that comes with taskkit where none is given.

    Raises:
        SpecError: it is not as it should be.
    """
    shipped = Path(str(files("taskkit.domains"))) / "suites.yaml"
    return read_document(path or shipped, Suites)
