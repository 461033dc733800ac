"""A library that shows programs another day, where this machine has one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CLOCKS = (
    "/usr/lib/*/faketime/libfaketimeMT.so.1",  # Debian, Ubuntu
    "/usr/lib*/faketime/libfaketimeMT.so.1",  # Fedora, Arch
)


@cache
def clock() -> str | None:
    """Give the library that shows programs another day; None where it is not installed.

    libfaketime stands between a program and the C library, and so changes what Python, SQLite,
    NumPy and shell commands take for now. A program that is linked statically, or asks the kernel
    without the C library, still sees the real day.
    """
    root = Path("/")
    found = (path for pattern in CLOCKS for path in sorted(root.glob(pattern.lstrip("/"))))
    return next((str(path) for path in found), None)


def ahead(days: int) -> dict[str, str]:
    """Give the environment variables under which a program takes it for a later day.

    They are none where this machine has no such library, or no day is asked for.
    """
    library = clock()
    if not days or library is None:
        return {}
    return {"LD_PRELOAD": library, "FAKETIME": f"{days:+d}d", "NO_FAKE_STAT": "1"}
