"""The Python program that finds a note's disagreements in the database."""

from __future__ import annotations

from collections.abc import Sequence
from pprint import pformat

from taskkit.notes.record import SOURCES, Kind
from taskkit.notes.statement import Statement

CONNECT = '''import sqlite3

database = sqlite3.connect("file:/data/{database}?mode=ro&immutable=1", uri=True)
database.row_factory = sqlite3.Row
kept = {{}}


def rows(kind, item):
    """The rows of the admission that are about an item."""
    naming, query = QUERIES[kind]
    if kind not in kept:
        kept[kind] = database.execute(query, {{"hadm": ADMISSION}}).fetchall()
    return [row for row in kept[kind] if row[naming] == item]


answer = []
'''
CLOSEST = '''

def differing(row, cells, spans):
    """The columns in which a row is not what the note states."""
    wrong = [name for name, cell in cells if row[name] != cell]
    for name, start, end in spans:
        if row[name] is None or not start <= row[name] <= end:
            wrong.append(name)
    return sorted(wrong)


for number, kind, item, cells, spans in STATED:
    found = [(differing(row, cells, spans), row) for row in rows(kind, item)]
    if not found:
        answer.append([number, QUERIES[kind][0], None, None])
        continue
    least = min(len(wrong) for wrong, _ in found)
    closest = [(wrong, row) for wrong, row in found if len(wrong) == least]
    for name in closest[0][0]:
        held = {row[name] for _, row in closest}
        value = held.pop() if len(held) == 1 else None
        text = value if isinstance(value, str) else None
        answer.append([number, name, None if text else value, text])
'''
TRENDS = '''

for number, kind, item, stated, (start, noon), (eve, end) in TRENDS:
    found = sorted(rows(kind, item), key=lambda row: row["charttime"])
    before = [row["valuenum"] for row in found if start <= row["charttime"] <= noon]
    after = [row["valuenum"] for row in found if eve <= row["charttime"] <= end]
    if not before:
        answer.append([number, QUERIES[kind][0], None, None])
    elif stated != ("rise" if after[-1] > before[0] else "fall"):
        answer.append([number, "trend", None, "fall" if stated == "rise" else "rise"])
'''


def program(hadm: int, database: str, statements: Sequence[Statement]) -> str:
    """Give the program for some of a note's statements: it holds what they state, and finds what
    the record says.
    """
    plain = [stated(one) for one in statements if one.trend is None]
    trends = [trending(one) for one in statements if one.trend is not None]
    kinds = sorted({one.kind for one in statements})
    head = [f"ADMISSION = {hadm}"]
    body = [_queries(kinds) + CONNECT.format(database=database)]
    if plain:
        head.append(f"STATED = {_shown(plain)}")
        body.append(CLOSEST)
    if trends:
        head.append(f"TRENDS = {_shown(trends)}")
        body.append(TRENDS)
    return "\n".join(head) + "\n\n" + "".join(body)


def stated(one: Statement) -> tuple[object, ...]:
    """What a statement says, as the program holds it."""
    cells = tuple(one.stated.items())
    spans = tuple((name, when.start, when.end) for name, when in one.times().items())
    return one.number, one.kind, one.item, cells, spans


def trending(one: Statement) -> tuple[object, ...]:
    """What a statement of a trend says, as the program holds it."""
    assert one.when is not None
    assert one.until is not None
    first, last = (one.when.start, one.when.end), (one.until.start, one.until.end)
    return one.number, one.kind, one.item, one.trend, first, last


def _shown(rows: Sequence[object]) -> str:
    return "[\n" + "".join(f"    {row!r},\n" for row in rows) + "]"


def _queries(kinds: Sequence[Kind]) -> str:
    lines = [f"    {kind!r}: ({SOURCES[kind].naming!r}, {pformat(SOURCES[kind].query, width=80)}),"
             for kind in kinds]
    return "QUERIES = {\n" + "\n".join(lines) + "\n}\n"
