"""Every kind of oracle that is installed: ours, and those of plug-ins."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from taskkit.errors import MissingError, blame
from taskkit.oracles.kind import Judge
from taskkit.oracles.verdict import Verdict
from taskkit.plugin import guard
from taskkit.spec.oracle import Oracle

GROUP = "taskkit.oracles"
OURS = (
    "taskkit.oracles.exact:ExactJudge",
    "taskkit.oracles.numeric:NumericJudge",
    "taskkit.oracles.date:DateJudge",
    "taskkit.oracles.abstain:AbstainJudge",
    "taskkit.oracles.cases:CasesJudge",
    "taskkit.oracles.values:ValuesJudge",
    "taskkit.oracles.metric:MetricJudge",
    "taskkit.oracles.state:StateJudge",
)


@cache
def judges() -> dict[str, Judge[Any]]:
    """Give the judge of every kind.

    Raises:
        MissingError: a plug-in cannot be imported, or has a kind that there is already.
    """
    found: dict[str, Judge[Any]] = {}
    plugins = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    for named in (*OURS, *(entry.value for entry in plugins)):
        where, _, name = named.partition(":")
        with blame(MissingError, f"oracle {named!r}: cannot be loaded"):
            judge: Judge[Any] = getattr(import_module(where), name)()
            kind = kind_of(judge.model)
        if kind in found:
            raise MissingError(f"oracle {named!r}: kind {kind!r} is there already: need another")
        found[kind] = guard("judge", judge, judge=Verdict, digest=str, faults=list, guesses=list)
    return found


def kind_of(model: type[Oracle]) -> str:
    """Give the kind that a spec names, the one value of its field `kind`."""
    [kind] = model.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
    return str(kind)


def models() -> tuple[type[Oracle], ...]:
    """Give the spec of every kind, for the documents that hold one."""
    return tuple(judge.model for judge in judges().values())
