"""Pickles of arrays and frames, opened in a sandbox and nowhere else.

A pickle is a program. This one runs without network, without any file but itself, by an unpickler
that makes arrays, frames and plain values, and refuses every other name. What comes back is read
as numbers and texts.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from taskkit.errors import SourceError
from taskkit.sandbox.choose import choose
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits

IMAGE = "ml"
MAX_BYTES = 1_000_000_000  # a pickle of this size takes about 3 GB while it is read
LIMITS = Limits(
    wall_s=600.0, cpu_s=600.0, memory_mib=8192, disk_mib=512, output_kib=65_536, processes=64
)
REFUSED = "REFUSED "
OUT = "out.npz"

OPEN = """
import pickle, sys
import numpy as np
import pandas as pd
try:
    from pandas.compat.pickle_compat import Unpickler
except ImportError:
    Unpickler = pickle.Unpickler

NAMES = {
    'numpy': {'ndarray', 'dtype', 'float64', 'float32', 'int64', 'int32', 'bool_', 'str_'},
    'numpy.core.multiarray': {'_reconstruct', 'scalar'},
    'numpy._core.multiarray': {'_reconstruct', 'scalar'},
    'numpy.core.numeric': {'_frombuffer'},
    'numpy._core.numeric': {'_frombuffer'},
    'numpy.dtypes': {'ObjectDType', 'StrDType', 'Float64DType', 'Int64DType', 'DateTime64DType'},
    'pandas': {'Timestamp', 'DataFrame', 'Series', 'Index', 'MultiIndex', 'RangeIndex'},
    'pandas.core.frame': {'DataFrame'},
    'pandas.core.series': {'Series'},
    'pandas.core.internals.managers': {'BlockManager', 'SingleBlockManager'},
    'pandas.core.internals.blocks': {'new_block'},
    'pandas._libs.internals': {'_unpickle_block', 'BlockManager', 'SingleBlockManager'},
    'pandas.core.indexes.base': {'Index', '_new_Index'},
    'pandas.core.indexes.multi': {'MultiIndex'},
    'pandas.core.indexes.range': {'RangeIndex'},
    'pandas.core.indexes.numeric': {'Int64Index', 'Float64Index', 'UInt64Index'},
    'pandas.core.indexes.datetimes': {'DatetimeIndex', '_new_DatetimeIndex'},
    'pandas.core.indexes.frozen': {'FrozenList'},
    'pandas.core.arrays.string_': {'StringArray', 'StringDtype'},
    'pandas.core.arrays.datetimes': {'DatetimeArray'},
    'pandas.core.dtypes.dtypes': {'CategoricalDtype'},
    'pandas._libs.tslibs.timestamps': {'_unpickle_timestamp', 'Timestamp'},
    'pandas._libs.arrays': {'__pyx_unpickle_NDArrayBacked'},
    'datetime': {'datetime', 'date', 'timedelta'},
    'builtins': {'slice', 'set', 'frozenset', 'bytearray', 'complex', 'range'},
    'collections': {'OrderedDict'},
    '_codecs': {'encode'},
}


class Reader(Unpickler):
    def find_class(self, module, name):
        if name not in NAMES.get(module, ()):
            print('REFUSED ' + f'{module}.{name}')
            sys.exit(3)
        return super().find_class(module, name)


def load(path):
    with open(path, 'rb') as file:
        return Reader(file).load()
"""


def arrays(
    file: Path, code: str, *, beside: Mapping[str, Path] | None = None
) -> dict[str, np.ndarray[Any, Any]]:
    """Run a program on a pickle in the sandbox, and read the arrays that it leaves.

    Args:
        file: The pickle; the program finds it at /data/source.pkl.
        code: What to do with `load('/data/source.pkl')`; it writes `out.npz`.
        beside: More files that the program finds below /data.

    Raises:
        SourceError: the file is too large, or holds anything but frames, arrays and plain values.
        MissingError: this machine has no sandbox.
    """
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise SourceError(
            f"{file}: {size:,} bytes: need {MAX_BYTES:,} at most: take fewer patients of it"
        )
    assets = {"source.pkl": file.resolve(), **(beside or {})}
    worker = choose("auto").worker(Site(IMAGE, assets))
    try:
        with worker.session() as session:
            program = Program("python", OPEN + code, collect=True, file=OUT)
            outcome = session.run(program, LIMITS)
    finally:
        worker.close()
    if REFUSED in outcome.stdout:
        held = outcome.stdout.partition(REFUSED)[2].splitlines()[0][:80]
        raise SourceError(f"{file}: the pickle calls {held}: need frames and arrays only")
    if outcome.status != "ok" or outcome.document is None:
        raise SourceError(f"{file}: cannot be read: {cause(outcome.status, outcome.stderr)}")
    with np.load(io.BytesIO(outcome.document), allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def cause(status: str, stderr: str) -> str:
    """Why a program ended, in a line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return f"{status}: {lines[-1][:200]}" if lines else status
