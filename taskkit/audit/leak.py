"""Whether an answer, or the row that holds it, can be read in what the agent is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taskkit.audit.finding import Finding
from taskkit.build.echo import Cell, distinctive, flat, stands
from taskkit.oracles.judge import abstaining, expected
from taskkit.spec.task import TaskSpec
from taskkit.spec.wording import describe

PROBE = "prompt"
TELLING_LENGTH = 6  # of a number or date in a document that many tasks share


def readable(spec: TaskSpec, said: Iterable[str], documents: Iterable[str]) -> Iterator[Finding]:
    """Find out whether the whole answer can be read.

    Args:
        spec: The task, or one turn.
        said: What the agent has been told before this turn.
        documents: Texts that it can look up. Words stand there by right, as the values of a
            column do; numbers and dates do not.
    """
    value = expected(spec)
    if value is None or abstaining(spec):
        return
    cells = list(flat(value))
    if not any(map(distinctive, cells)):
        return
    asked = prompt(spec, said)
    if all(stands(cell, asked) for cell in cells):
        yield Finding("answer_in_prompt", PROBE, f"{value!r} is in the instruction")
    elif all(map(telling, cells)):
        for document in documents:
            if all(stands(cell, document.lower()) for cell in cells):
                what = f"{value!r} is in a document"
                yield Finding("answer_in_prompt", PROBE, what)
                return


def prompt(spec: TaskSpec, said: Iterable[str]) -> str:
    """Give all that the agent is told, in lower case, but for the form of the answer."""
    asked = spec.instruction.replace(describe(spec.answer), "")
    return " ".join(" ".join((*said, asked)).lower().split())


def telling(cell: Cell) -> bool:
    """Whether a cell is unlikely to stand in a document that was not made of the answer."""
    text = str(cell)
    return text[:1].isdigit() and len(text) >= TELLING_LENGTH
