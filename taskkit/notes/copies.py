"""Notes that are near copies of others: what a model learned from one would answer the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

WIDTH = 6  # words of a run; shorter ones stand in every note
MOST = 0.5  # share of a note's runs that may stand in one note of another split
WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Copy:
    """A note that has much of an earlier one."""

    place: int
    of: int
    """Place of the earlier note."""
    share: float
    """Of its runs of words."""


def copies(notes: Iterable[tuple[str, str]]) -> Iterator[Copy]:
    """Give the notes that nearly copy an earlier one of another split.

    Args:
        notes: Split and text of each; numbers do not count, so that another day's copy is one too.
    """
    holders: dict[int, list[int]] = {}
    splits: list[str] = []
    for place, (split, text) in enumerate(notes):
        splits.append(split)
        runs = _runs(text)
        shared = Counter(
            earlier for run in runs for earlier in holders.get(run, ()) if splits[earlier] != split
        )
        for earlier, count in shared.most_common(1):
            if count > MOST * len(runs):
                yield Copy(place, earlier, count / len(runs))
        for run in runs:
            holders.setdefault(run, []).append(place)


def _runs(text: str) -> set[int]:
    words = WORD.findall(text.lower())
    return {
        crc32(" ".join(words[at : at + WIDTH]).encode())
        for at in range(max(1, len(words) - WIDTH + 1))
    }
