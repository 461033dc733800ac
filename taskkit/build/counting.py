"""Where an option of a builder counts; one that would be ignored is refused."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from taskkit.build.protocol import Request
from taskkit.errors import UsageError

Situation = Literal["embedded", "file", "folder", "address", "questions", "published"]
WORDS: dict[Situation, str] = {
    "embedded": "the embedded source",
    "file": "a file as --source",
    "folder": "a folder as --source",
    "address": "a server as --source",
    "questions": "--questions",
    "published": "published tasks as --source",
}
NOT_DRAWN = "--count says how many: need one of the two"


@dataclass(frozen=True)
class Counts:
    """Where an option has an effect; an annotation of its field. Without one it always has."""

    where: tuple[Situation, ...]
    drawn: bool = False
    """It says how many tasks there are, where no --count does."""


def counts(*where: Situation, drawn: bool = False) -> Counts:
    """Say where an option has an effect: in any of these."""
    return Counts(where or get_args(Situation), drawn)


def situations(request: Request) -> Set[Situation]:
    """Give what a build reads, as far as that decides which options count."""
    found: set[Situation] = {"questions"} if request.questions is not None else set()
    if request.address is not None:
        return found | {"address"}
    if request.source is None:
        return found | {"embedded"}
    return found | {"folder" if request.source.is_dir() else "file"}


@runtime_checkable
class Situated(Protocol):
    """A builder that knows better than `situations` what a build reads."""

    def situations(self, request: Request) -> Set[Situation]:
        """Give what is read of a request, before anything is."""
        ...


def require_counted(request: Request, now: Set[Situation]) -> None:
    """Refuse the choices that would be ignored.

    What says `no`, `all` or 0 is none: where an option has no effect, nothing is done or left out.

    Args:
        now: What this build reads.

    Raises:
        UsageError: an option is not as it is by default, and has no effect here.
    """
    options: BaseModel = request.options
    for name, field in type(options).model_fields.items():
        rule = rule_of(field)
        value = getattr(options, name)
        if rule is None or value in (field.default, None, False):
            continue
        option = typed(name, value)
        if not now & set(rule.where):
            listed = " or ".join(WORDS[one] for one in rule.where)
            raise UsageError(f"{option}: need {listed}: it would change nothing here")
        if rule.drawn and request.limit is not None:
            raise UsageError(f"{option}: {NOT_DRAWN}")


def typed(name: str, value: object) -> str:
    """Give an option as it is typed."""
    words = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{words}" if value else f"--no-{words}"
    return f"--{words} {'all' if value is None else value}"


def rule_of(field: FieldInfo) -> Counts | None:
    """Give where an option counts; None where it always does."""
    return next((one for one in field.metadata if isinstance(one, Counts)), None)
