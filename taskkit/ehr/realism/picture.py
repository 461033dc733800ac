"""Small pictures in text: a bar of eight steps for each number."""

from __future__ import annotations

from collections.abc import Sequence

STEPS = " ▁▂▃▄▅▆▇█"


def picture(numbers: Sequence[float]) -> str:
    """A row of bars, the tallest for the largest number; empty for none.

    >>> picture([0, 1, 2, 4])
    ' ▂▄█'
    """
    top = max(numbers, default=0)
    if top <= 0:
        return ""
    return "".join(STEPS[round(max(number, 0) / top * 8)] for number in numbers)
