"""Published questions over MIMIC-IV: the CSV tables, or a SQLite file."""

from __future__ import annotations
