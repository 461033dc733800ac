"""What reference programs of a FHIR server are composed of."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PAGING = "parts/pages.py"
"""The function that reads all pages of a search, which every program may use."""


@cache
def parts(shared: Path) -> tuple[str, tuple[str, ...]]:
    """The head of a file of shared functions, and the functions, that of the pages first.

    Args:
        shared: In the folder of a domain or below; the domain has the function of the pages.
    """
    home = next(one for one in shared.parents if (one / PAGING).is_file())
    head, *functions = re.split(r"\n\n\n(?=def )", shared.read_text(encoding="utf-8").strip())
    return head, ((home / PAGING).read_text(encoding="utf-8").strip(), *functions)
