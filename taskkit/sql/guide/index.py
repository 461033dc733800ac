"""Search over the names and texts of a database, by an index that `indexing` made.

Every text is indexed between two blanks and cut into trigrams, so that the start and the end of
a word count, and a text of one letter is found too.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

POSTINGS = 4_000  # entries looked at for one search, rarest trigrams first: about 2 ms
CANDIDATES = 300  # entries ranked by likeness: about 2 ms
MIN_SHARE = 0.6  # length of a text, as a share of the one wanted, from which parts count
MIN_SCORE = 70.0  # likeness of 100 below which a hit is noise

Kind = Literal["table", "column", "value"]
Entry = tuple[Kind, str, str | None, str, int | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a search found."""

    kind: Kind
    table: str
    column: str | None
    text: str
    count: int | None
    """Rows that hold a value."""
    score: float
    """Likeness to the text searched for, 100 at most."""


class Index:
    """Finds texts that are like a given one; `indexing.open_index` opens it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def search(
        self, text: str, *, limit: int = 20, within: tuple[str, str] | None = None
    ) -> list[Hit]:
        """Give what is most like a text, best first.

        Args:
            within: Table and column whose values alone are searched.
        """
        wanted = plain(text)
        rows = self._entries(self._candidates(wanted, within))
        scores = likeness(wanted, [plain(row[3]) for row in rows])
        hits = [
            Hit(*row, score=score)
            for row, score in zip(rows, scores, strict=True)
            if score >= MIN_SCORE
        ]
        return sorted(hits, key=lambda hit: rank(hit, wanted))[:limit]

    def values(self, table: str, column: str, limit: int) -> tuple[int, list[tuple[str, int]]]:
        """Give how many values a column has, and the most frequent with their rows.

        The number is 0 where the column is not indexed.
        """
        first, last = self._span((table, column))
        found = self._connection.execute(
            "SELECT text, count FROM entry WHERE id BETWEEN ? AND ? "
            "ORDER BY count DESC, text LIMIT ?",
            (first, last, limit),
        ).fetchall()
        return last - first + 1, found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _candidates(self, wanted: str, within: tuple[str, str] | None) -> list[int]:
        """Give the entries that are a text, and those that share most trigrams with it."""
        first, last = self._span(within)
        shared: Counter[int] = Counter()
        left = POSTINGS
        for term, entries in self._frequencies(grams(wanted)):
            if shared and entries > left:
                break
            left -= entries
            found = self._connection.execute(
                "SELECT rowid FROM gram WHERE gram MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?",
                (literal(term), first, last, POSTINGS),
            )
            shared.update([row[0] for row in found])
        found = self._connection.execute(
            "SELECT id FROM entry WHERE text = ? AND id BETWEEN ? AND ?", (wanted, first, last)
        )
        return [row[0] for row in found] + [entry for entry, _ in shared.most_common(CANDIDATES)]

    def _span(self, within: tuple[str, str] | None) -> tuple[int, int]:
        """Give the first and last entry of a column's values, or of all."""
        if within is None:
            return 1, 1 << 62
        row = self._connection.execute(
            "SELECT first, last FROM span WHERE tab = ? AND col = ?", within
        ).fetchone()
        return row or (1, 0)

    def _frequencies(self, terms: list[str]) -> list[tuple[str, int]]:
        """Give the trigrams that occur, rarest first."""
        places = ", ".join("?" * len(terms))
        return self._connection.execute(
            f"SELECT term, entries FROM frequency WHERE term IN ({places}) ORDER BY entries, term",
            terms,
        ).fetchall()

    def _entries(self, ids: list[int]) -> list[Entry]:
        """Read entries."""
        places = ", ".join("?" * len(ids))
        return self._connection.execute(
            f"SELECT kind, tab, col, text, count FROM entry WHERE id IN ({places})", ids
        ).fetchall()


def likeness(wanted: str, texts: list[str]) -> list[float]:
    """Give how like each text is to the one wanted, 100 at most.

    A part of a longer text counts nearly as the whole; a text much shorter than the one wanted
    does not count as a part of it, or `po` would be like `potassium`.
    """
    scores: list[float] = []
    for text in texts:
        whole = len(text) < MIN_SHARE * len(wanted)
        scores.append(fuzz.ratio(wanted, text) if whole else fuzz.WRatio(wanted, text))
    return scores


def rank(hit: Hit, wanted: str) -> tuple[bool, float, int, str, str, str]:
    """Order hits: the very text first, then by likeness, frequency and name."""
    exact = plain(hit.text) == wanted
    return (not exact, -hit.score, -(hit.count or 0), hit.table, hit.column or "", hit.text)


def plain(text: str) -> str:
    """Give a text as it is compared: without case, underscores as blanks."""
    return text.casefold().replace("_", " ").strip()


def grams(text: str) -> list[str]:
    """Give the trigrams of a plain text between two blanks, each once."""
    padded = f" {text} "
    return sorted({padded[i : i + 3] for i in range(len(padded) - 2)})


def literal(term: str) -> str:
    """Quote a trigram for an FTS5 query."""
    return '"' + term.replace('"', '""') + '"'
