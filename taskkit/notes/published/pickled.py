"""Pickles of plain values, opened in a sandbox and nowhere else.

A pickle is a program. This one runs without network and with no file but the pickles, by an
unpickler that makes dictionaries, lists, texts and numbers, and refuses every name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from taskkit.errors import SourceError
from taskkit.sandbox.choose import choose
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits

IMAGE = "sql"
MAX_BYTES = 50_000_000  # of all pickles; the published ones are far smaller
LIMITS = Limits(
    wall_s=300.0, cpu_s=300.0, memory_mib=2048, disk_mib=512, output_kib=65_536, processes=16
)
REFUSED = "REFUSED "
OUT = "plain.json"
CODE = """
import json, pickle, sys


class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        print('REFUSED ' + f'{place}: {module}.{name}')
        sys.exit(3)

    def persistent_load(self, pid):
        print('REFUSED ' + f'{place}: a persistent id')
        sys.exit(3)


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value if value == value else None
    return str(value)


found = []
for place in range(COUNT):
    with open(f'/data/{place}.pkl', 'rb') as file:
        found.append(plain(Reader(file).load()))
with open('plain.json', 'w', encoding='utf-8') as file:
    json.dump(found, file)
"""


def read_pickles(files: Sequence[Path]) -> list[Any]:
    """Give what pickles hold, as JSON values, in their order.

    Raises:
        SourceError: they are too large, hold anything but plain values, or cannot be read.
        MissingError: this machine has no sandbox.
    """
    size = sum(file.stat().st_size for file in files)
    if size > MAX_BYTES:
        raise SourceError(f"{files[0].parent}: {size:,} bytes of pickles: need {MAX_BYTES:,}")
    worker = choose("auto").worker(
        Site(IMAGE, {f"{n}.pkl": file.resolve() for n, file in enumerate(files)})
    )
    try:
        with worker.session() as session:
            code = f"COUNT = {len(files)}\n{CODE}"
            outcome = session.run(Program("python", code, collect=True, file=OUT), LIMITS)
    finally:
        worker.close()
    if REFUSED in outcome.stdout:
        place, _, name = outcome.stdout.partition(REFUSED)[2].splitlines()[0].partition(": ")
        file = files[int(place)] if place.isdigit() and int(place) < len(files) else files[0]
        raise SourceError(f"{file}: the pickle calls {name[:80]}: need plain values only")
    if outcome.status != "ok" or outcome.document is None:
        last = [line for line in outcome.stderr.splitlines() if line.strip()][-1:]
        why = f"{outcome.status}: {last[0][:200]}" if last else outcome.status
        raise SourceError(f"{files[0].parent}: pickles cannot be read: {why}")
    found: list[Any] = json.loads(outcome.document)
    return found
