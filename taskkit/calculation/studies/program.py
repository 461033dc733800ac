"""The reference program of a study: the study's values, then what its design needs of the family's
code.
"""

from __future__ import annotations

import json
import re
from typing import Literal

from taskkit.calculation.studies.families import Numbers
from taskkit.calculation.studies.partial_evaluation import folded

Target = Literal["size", "power"]
DIGITS = 4  # decimals of a power
IMPORTS = "from bisect import bisect_left\nfrom scipy import stats\n"
IMPORT = re.compile(r"import |from ")
CHOICES = ("sides", "rule", "table")
"""What chooses a formula, or by its shape how many parts one has."""
SIZE_TAIL = """
high = smallest
while power(high) < target:
    high *= 2
answer = bisect_left(range(high), target, lo=smallest, key=power)
"""
SIZE_AND_POWER_TAIL = """
high = smallest
while power(high) < target:
    high *= 2
n = bisect_left(range(high), target, lo=smallest, key=power)
answer = [n, round(float(power(n)), 4)]
"""
POWER_TAIL = """
answer = round(float(power(n)), 4)
"""


def program(numbers: Numbers, family: str, tail: str, smallest: int) -> str:
    """Give a Python program that sets `answer`; it needs scipy.

    Args:
        numbers: The design's arguments, and `target` or `n`.
        family: Code that defines `power(n)` for any design of the family.
        tail: What is asked of it.
        smallest: Size from which a search begins.
    """
    values = numbers | ({"smallest": smallest} if "smallest" in tail else {})
    known = {name: value for name, value in values.items() if decides(name, value)}
    whole = {"n", *(name for name, value in values.items() if isinstance(value, int))}
    code = folded(f"{IMPORTS}{family.strip()}\n{tail.strip()}\n", known, whole).splitlines()
    imports = sorted((one for one in code if IMPORT.match(one)), key=str.split)
    body = "\n".join(one for one in code if not IMPORT.match(one)).strip()
    used = set(re.findall(r"\w+", body))
    head = [f"{name} = {json.dumps(value)}" for name, value in values.items() if name in used]
    return "\n".join([*imports, "", *head, "", "", body, ""])


def decides(name: str, value: object) -> bool:
    """Whether a value says which form a program has, and not what it computes with."""
    return name in CHOICES or (name == "ratio" and value == 1)
