"""What a file is that was to be a table, by its first bytes."""

from __future__ import annotations

KINDS = {
    b"\xff\xfe\0\0": "text in UTF-32: need UTF-8",
    b"\xff\xfe": "text in UTF-16: need UTF-8",
    b"\xfe\xff": "text in UTF-16: need UTF-8",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet: need CSV, or CSV in gzip",
    b"BZh": "compressed by bzip2: need CSV, or CSV in gzip",
    b"\xfd7zXZ": "compressed by xz: need CSV, or CSV in gzip",
    b"\x28\xb5\x2f\xfd": "compressed by Zstandard: need CSV, or CSV in gzip",
    b"7z\xbc\xaf": "a 7z archive: need CSV, or CSV in gzip",
    b"\x1f\x8b": "compressed twice: need CSV, or CSV in gzip",
    b"PAR1": "a Parquet file: need CSV, or CSV in gzip",
    b"SQLite format 3": "a SQLite database: need CSV, or give the database as source",
    b"version https://git-lfs": "a pointer of Git LFS: need the file itself: `git lfs pull`",
    b"/annex/objects/": "a pointer of git-annex: need the file itself: `git annex get`",
    b"<!doctype": "a web page: need the file itself, such as after signing in",
    b"<html": "a web page: need the file itself, such as after signing in",
}
"""By what a file begins with, in lower case where it is text."""
LONGEST = max(map(len, KINDS))


def fault(start: bytes) -> str | None:
    """What a file that begins so is, and what is needed; None for what may be CSV."""
    if start[:4].count(0) == 2 and start[:2] != b"\xff\xfe":  # every second byte of ASCII text
        return KINDS[b"\xff\xfe"]
    lower = start.lstrip().lower()
    for mark, kind in KINDS.items():
        if start.startswith(mark) or lower.startswith(mark):
            return kind
    return None
