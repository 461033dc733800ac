"""The published answers of N-PowerAI's training part: recomputed, and the wrong ones traced.

Each of its twelve templates varies few numbers: those of a question, by place, are all it says.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("scipy")

from taskkit.calculation.calculators.power.association import LogRank
from taskkit.calculation.calculators.power.design import Design
from taskkit.calculation.calculators.power.means import (
    Anova,
    OneSampleT,
    PairedT,
    TwoSampleT,
)
from taskkit.calculation.calculators.power.proportions import ChiSquare

UPSTREAM = Path(
    os.environ.get("TASKKIT_UPSTREAM", Path(__file__).parents[3].parent / "shared" / "upstream")
)
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
Numbers = list[float]
Template = tuple[int, str]
RIGHT = {
    (1, "size"): (75, 75),
    (1, "power"): (74, 74),
    (2, "size"): (77, 1),
    (2, "power"): (66, 66),
    (3, "size"): (67, 67),
    (3, "power"): (73, 0),
    (4, "size"): (69, 0),
    (4, "power"): (66, 1),
    (5, "size"): (76, 76),
    (5, "power"): (77, 77),
    (6, "size"): (77, 77),
    (6, "power"): (68, 0),
}
"""Questions of each test, and how many of their answers are right."""


def one_sample(mean: float) -> Design:
    return OneSampleT(difference=mean - 120, deviation=7.3)


def two_sample(difference: float, one: float, other: float) -> Design:
    return TwoSampleT(difference=difference, deviation=math.sqrt((one**2 + other**2) / 2))


def table(cells: Numbers) -> Design:
    whole = sum(cells)
    rows = [[cell / whole for cell in cells[:5]], [cell / whole for cell in cells[5:]]]
    return ChiSquare(table=rows)


def survival(hazard_ratio: float, failing: Numbers) -> LogRank:
    return LogRank(hazard_ratio=hazard_ratio, events=sum(failing) / 2, rule="Freedman")


def anova(means: Numbers, deviation: float) -> Anova:
    return Anova(means=means, deviation=deviation)


def answer(template: Template, n: Numbers) -> float:
    """Recompute the answer to a question from its numbers."""
    of: dict[Template, Callable[[], float]] = {
        (1, "size"): lambda: one_sample(n[2]).size(n[5] / 100),
        (1, "power"): lambda: one_sample(n[2]).power(int(n[4])),
        (2, "size"): lambda: two_sample(n[3], n[4], n[5]).size(n[6] / 100),
        (2, "power"): lambda: two_sample(n[4], n[5], n[6]).power(int(n[2])),
        (3, "size"): lambda: PairedT(difference=n[1], deviation=n[2], sides=1).size(n[5] / 100),
        (3, "power"): lambda: PairedT(difference=n[1], deviation=n[2], sides=1).power(int(n[5])),
        (4, "size"): lambda: anova(n[:4], n[4]).size(n[5] / 100),
        (4, "power"): lambda: anova(n[:4], n[4]).power(int(n[5])),
        (5, "size"): lambda: table(n[:10]).size(n[10] / 100),
        (5, "power"): lambda: table(n[1:11]).power(int(n[0])),
        (6, "size"): lambda: math.ceil(survival(n[21], n[19:21]).size(n[22] / 100) / 2),
        (6, "power"): lambda: survival(n[22], n[20:22]).power(2 * int(n[15])),
    }
    return of[template]()


def published(template: Template, n: Numbers) -> float:
    """Recompute the answer with the slip of the template's author."""
    of: dict[Template, Callable[[], float]] = {
        # the answer of a difference of 10 in every question
        (2, "size"): lambda: two_sample(10, n[4], n[5]).size(n[6] / 100),
        # 42 pairs in place of 53
        (3, "power"): lambda: PairedT(difference=n[1], deviation=n[2], sides=1).power(42),
        # the variance of the means over 3 in place of 4
        (4, "size"): lambda: anova(n[:4], n[4] * math.sqrt(3 / 4)).size(n[5] / 100),
        # the same, and 31 students in place of 13
        (4, "power"): lambda: anova(n[:4], n[4] * math.sqrt(3 / 4)).power(31),
        # a hazard ratio of 0.7 in every question
        (6, "power"): lambda: survival(0.7, n[20:22]).power(2 * int(n[15])),
    }
    return of[template]()


def same(template: Template, ours: float, theirs: float) -> bool:
    if template[1] == "size":
        return ours == theirs
    return ours == pytest.approx(theirs, rel=0.01)


@pytest.mark.slow
def test_every_published_answer_is_right_or_its_slip_reproduces_it() -> None:
    path = UPSTREAM / "npower" / "train_tasks.jsonl"
    if not path.is_file():
        pytest.skip(f"{path}: not there; set TASKKIT_UPSTREAM")
    asked: Counter[Template] = Counter()
    right: Counter[Template] = Counter()
    unexplained = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        template = (record["task_id"], record["estimate_target"])
        numbers = [float(text.replace(",", "")) for text in NUMBER.findall(record["question"])]
        asked[template] += 1
        if same(template, answer(template, numbers), record["answer"]):
            right[template] += 1
        elif not same(template, published(template, numbers), record["answer"]):
            unexplained.append((template, numbers, record["answer"]))
    assert unexplained == []
    assert {key: (count, right[key]) for key, count in asked.items()} == RIGHT
