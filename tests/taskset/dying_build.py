"""Builds one taskset after the other into one place, until somebody kills it.

Usage: python dying_build.py PATH
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from tests.taskset.building import build

if __name__ == "__main__":
    for number in count():
        build(Path(sys.argv[1]), 20, domain=f"round-{number}")
        print(number, flush=True)  # noqa: T201
