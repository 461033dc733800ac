"""What a program's answer may not depend on: hash seed, time zone, locale and day."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache

from taskkit.clock import ahead

HASTE_S = 10.0  # for `locale -a`
WITH_COMMA = ("de_", "fr_", "tr_", "es_", "it_", "nl_", "pl_", "ru_")
"""Languages that write a number's decimals after a comma: they tell most."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where and when a program runs, as far as it can see."""

    hash_seed: int = 0
    time_zone: str = "UTC"
    """As the environment variable TZ has it; a POSIX rule needs no files of time zones."""
    locale: str = "C.UTF-8"
    days: int = 0
    """How far the clock is ahead; it needs `clock`."""

    def variables(self) -> dict[str, str]:
        """Give the environment variables that make it so."""
        made = {
            "LANG": self.locale,
            "LC_ALL": self.locale,
            "PYTHONHASHSEED": str(self.hash_seed),
            "TZ": self.time_zone,
        }
        return made | ahead(self.days)


FIXED = Conditions()
"""What every instance is played under."""


@cache
def other_locale() -> str:
    """Give a locale that is installed here and differs most from the fixed one."""
    try:
        done = subprocess.run(
            ["/usr/bin/locale", "-a"], capture_output=True, text=True, timeout=HASTE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return "POSIX"
    names = [name for name in done.stdout.split() if name.lower().endswith(("utf8", "utf-8"))]
    comma = (name for name in names if name.startswith(WITH_COMMA))
    return next(comma, "POSIX")
