"""The words and ranges of notes, read from a domain's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taskkit.errors import SpecError, blame


@dataclass(frozen=True)
class Measure:
    """How a measurement is drawn and written."""

    names: tuple[str, ...]
    bands: tuple[tuple[float, float], ...]
    """Ranges in the calculator's unit, each as likely."""
    units: Mapping[str, int]
    """Decimals by UCUM code; the first is the calculator's."""


@dataclass(frozen=True)
class Account:
    """How a finding is said to be there or not."""

    phrases: tuple[str, ...] = ()
    """Noun phrases that follow `has` or `no`."""
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Whole sentences, in place of phrases."""
    inverse: bool = False
    """The phrase is the finding's contrary."""


@dataclass(frozen=True)
class Asking:
    """What a task asks of a calculator."""

    ask: str
    items: tuple[str, ...] = ()
    """Parts of the answer, before the total."""


@dataclass(frozen=True)
class Lexicon:
    """All a domain knows of wording."""

    measures: Mapping[str, Measure]
    accounts: Mapping[str, Account]
    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    asking: Mapping[str, Asking]
    programs: Mapping[str, str]
    """Python by calculator: sets `answer` from variables that are named as the inputs."""


@cache
def lexicon(folder: Path) -> Lexicon:
    """Read the lexicon of a domain's folder.

    Raises:
        SpecError: A file is absent or not of the form that these classes say.
    """
    with blame(SpecError, str(folder)):
        findings = load(folder / "findings.yaml")
        return Lexicon(
            measures={name: measure(of) for name, of in load(folder / "measures.yaml").items()},
            accounts={name: account(of) for name, of in findings["accounts"].items()},
            choices={
                name: {value: tuple(said) for value, said in of.items()}
                for name, of in findings["choices"].items()
            },
            asking={
                name: Asking(of["ask"], tuple(of.get("items", ())))
                for name, of in load(folder / "calculators.yaml").items()
            },
            programs={
                path.stem: path.read_text("utf-8")
                for path in sorted((folder / "programs").glob("*.py"))
            },
        )


def load(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text("utf-8"))


def measure(of: Mapping[str, Any]) -> Measure:
    """Give a measure from its document."""
    bands = tuple((float(low), float(high)) for low, high in of["bands"])
    return Measure(tuple(of["names"]), bands, dict(of["units"]))


def account(of: Mapping[str, Any]) -> Account:
    """Give an account from its document."""
    return Account(
        phrases=tuple(of.get("is", ())),
        present=tuple(of.get("present", ())),
        absent=tuple(of.get("absent", ())),
        inverse=bool(of.get("inverse", False)),
    )
