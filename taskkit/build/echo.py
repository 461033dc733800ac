"""Whether an answer can be read in its own question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

Cell = str | int | float | bool | None
DISTINCT_LENGTH = 4  # characters; shorter texts stand in many sentences


def echoed(answer: JsonValue, question: str) -> bool:
    """Say whether a question, in lower case, holds every value of an answer, one at least not by
    chance.
    """
    cells = list(flat(answer))
    return any(map(distinctive, cells)) and all(stands(cell, question) for cell in cells)


def flat(value: JsonValue) -> Iterator[Cell]:
    """Give the cells of a value."""
    if isinstance(value, list):
        for item in value:
            yield from flat(item)
    elif not isinstance(value, dict):
        yield value


def distinctive(cell: Cell) -> bool:
    """Whether a cell is unlikely to stand in a text by chance."""
    if isinstance(cell, str):
        return len(cell) >= DISTINCT_LENGTH
    return isinstance(cell, int | float) and len(str(cell).strip("-")) >= DISTINCT_LENGTH


def stands(cell: Cell, text: str) -> bool:
    """Whether a text holds a cell between word boundaries."""
    if cell is None or isinstance(cell, bool):
        return False
    written = {str(cell).lower()}
    if isinstance(cell, float) and cell.is_integer():
        written.add(str(int(cell)))
    return any(re.search(rf"(?<![\w.]){re.escape(one)}(?!\w|\.\d)", text) for one in written)
