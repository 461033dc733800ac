"""Give back to lower-case words the capitals that MIMIC-III writes them with."""

from __future__ import annotations

import re
from collections.abc import Callable

SHORT = frozenset(
    {"alt", "ast", "bun", "ck", "ck-mb", "co2", "d5w", "hdl", "inr", "iv", "ldl", "mb", "mch"}
    | {"mchc", "mcv", "nph", "ns", "o2", "pco2", "peep", "ph", "po2", "pt", "ptt", "rbc", "rdw"}
    | {"sr", "t", "t3", "t4", "wbc", "xl", "er", "a1c", "b12", "ld"}
)
"""Words of tests and drugs that are letters spoken one by one."""
CODING = frozenset({"nec", "nos", "icu", "cv"})
"""Words of short titles that stay capitals."""
WORD = re.compile(r"[a-z][a-z0-9-]*")


def cased(text: str | None, change: Callable[[str], str]) -> str | None:
    """Change a text that may be missing."""
    return None if text is None else change(text)


def headline(text: str) -> str:
    """Start every word with a capital: `creatine kinase (ck)` is `Creatine Kinase (CK)`."""
    return WORD.sub(lambda word: _capital(word[0], SHORT), text)


def title(text: str) -> str:
    """Start with a capital: `hypertension nos` is `Hypertension NOS`."""
    made = WORD.sub(lambda word: word[0].upper() if word[0] in CODING else word[0], text)
    return made[:1].upper() + made[1:]


def _capital(word: str, short: frozenset[str]) -> str:
    return word.upper() if word in short else word[:1].upper() + word[1:]
