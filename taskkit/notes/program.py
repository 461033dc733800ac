"""The Python program that finds a note's disagreements in the database."""

from __future__ import annotations

from collections.abc import Sequence

from taskkit.notes.record import SOURCES
from taskkit.notes.statement import Statement

CONNECT = '''
database = sqlite3.connect("file:/data/{database}?mode=ro&immutable=1", uri=True)
database.row_factory = sqlite3.Row
if database.execute("select 1 from admissions where hadm_id = ?", (ADMISSION,)).fetchone() is None:
    raise LookupError(ADMISSION)
naming = {{kind: column for kind, column, _ in QUERIES}}
queries = {{kind: query for kind, _, query in QUERIES}}
kept = {{}}


def rows(kind, item):
    """The rows of the admission that are about an item."""
    if kind not in kept:
        kept[kind] = database.execute(queries[kind], {{"hadm": ADMISSION}}).fetchall()
    return [row for row in kept[kind] if row[naming[kind]] == item]


answer = []
'''
PRESENT = """
for number, kind, item in PRESENT:
    if not rows(kind, item):
        answer.append([number, naming[kind], None, None])
"""
CLOSEST = '''

def differing(row, cells, spans):
    """The columns in which a row is not what the note states."""
    wrong = [name for name, cell in cells if row[name] != cell]
    wrong += [name for name, start, end in spans if not start <= (row[name] or "") <= end]
    return sorted(wrong)


for number, kind, item, cells, spans in STATED:
    found = [(differing(row, cells, spans), row) for row in rows(kind, item)]
    if not found:
        answer.append([number, naming[kind], None, None])
        continue
    least = min(len(wrong) for wrong, _ in found)
    closest = [row for wrong, row in found if len(wrong) == least]
    for name in differing(closest[0], cells, spans):
        held = {row[name] for row in closest}
        value = held.pop() if len(held) == 1 else None
        answer.append([number, name, *([None, value] if isinstance(value, str) else [value, None])])
'''
TRENDS = """

for number, kind, item, stated, (start, noon), (eve, end) in TRENDS:
    found = sorted(rows(kind, item), key=lambda row: row["charttime"])
    before = [row["valuenum"] for row in found if start <= row["charttime"] <= noon]
    after = [row["valuenum"] for row in found if eve <= row["charttime"] <= end]
    actual = "rise" if after[-1] > before[0] else "fall"
    if actual != stated:
        answer.append([number, "trend", None, actual])
"""
AGREED = """
answer = answer or AGREED
"""
PARTS = (PRESENT, CLOSEST, TRENDS)
NAMED = ("diagnosis", "procedure")  # of which a note states nothing but that they were


def program(hadm: int, database: str, statements: Sequence[Statement]) -> str:
    """Give the program for some of a note's statements: it holds what they state, and finds what
    the record says.
    """
    parts = zip(("PRESENT", "STATED", "TRENDS"), parted(statements), PARTS, strict=True)
    used = [(name, rows, part) for name, rows, part in parts if rows]
    head = "".join(f"{name} = {_shown(rows)}\n" for name, rows, _ in used)
    body = CONNECT.format(database=database) + "".join(part for *_, part in used)
    return f"{_common(hadm, statements)}{head}{body}{AGREED}"


def inputs(hadm: int, statements: Sequence[Statement]) -> str:
    """Give what a program holds of some statements, under all the names that programs use."""
    parts = zip(("PRESENT", "STATED", "TRENDS"), parted(statements), strict=True)
    head = "".join(f"{name} = {_shown(rows)}\n" for name, rows in parts)
    return _common(hadm, statements) + head


def _common(hadm: int, statements: Sequence[Statement]) -> str:
    """What every program holds: the admission, and where its events are."""
    kinds = sorted({one.kind for one in statements})
    lines = [(kind, SOURCES[kind].naming, SOURCES[kind].query) for kind in kinds]
    agreed = '[[0, "none", None, None]]'
    return f"import sqlite3\n\nADMISSION = {hadm}\nAGREED = {agreed}\nQUERIES = {_shown(lines)}\n"


def parted(statements: Sequence[Statement]) -> tuple[list[object], list[object], list[object]]:
    """Part statements into those of a mere presence, those with columns, and trends."""
    trends = [trending(one) for one in statements if one.trend is not None]
    present = [(one.number, one.kind, one.item) for one in statements if one.kind in NAMED]
    plain = [stated(one) for one in statements if one.trend is None and one.kind not in NAMED]
    return [*present], [*plain], [*trends]


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
