"""N-PowerAI's questions: each answer recomputed, and a wrong one traced to its template's slip.

Each of its twelve templates varies few numbers: those of a question, by place, are all it says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import JsonValue

from taskkit.build.draft import published_split
from taskkit.build.labels import Labelled
from taskkit.build.published_file import parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.calculation.calculation import Calculation
from taskkit.calculation.calculators.power.association import LogRank
from taskkit.calculation.calculators.power.design import Design
from taskkit.calculation.calculators.power.means import Anova, OneSampleT, PairedT, TwoSampleT
from taskkit.calculation.calculators.power.proportions import ChiSquare
from taskkit.calculation.studies.program import POWER_TAIL, SIZE_TAIL, Target, program
from taskkit.calculation.studies.study import HALF, NOISE, Wording
from taskkit.errors import SourceError
from taskkit.spec.answer import IntegerAnswer, NumberAnswer
from taskkit.spec.oracle import ExactOracle, NumericOracle, Tolerance
from taskkit.spec.task import Split

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
SHARE = 0.01  # by which a published power may differ, by the publisher's own rule
Template = tuple[int, str]


class ForeignError(ValueError):
    """A question of no known template."""


@dataclass(frozen=True)
class Question:
    """One record."""

    name: str
    """File and line."""
    template: Template
    target: Target
    text: str
    label: float
    split: Split | None = None
    """The publisher's, by the file's name."""

    @property
    def content(self) -> dict[str, JsonValue]:
        """What makes the record this one, whatever the name of its file."""
        return {"question": self.text, "target": self.target}


@dataclass(frozen=True)
class Plan:
    """What a question says: the design, and the power or size it is planned for."""

    family: str
    design: Callable[..., Design]
    numbers: Mapping[str, Any]
    given: float
    """The power of a question for a size; else the size."""
    halved: bool = False
    """The question's size is that of one of two equal groups."""


def read_npower(source: Path) -> Iterator[Question | Rejection]:
    """Give the records of a JSONL file, or of all those of a folder by name.

    A record that cannot be read is put aside by itself.

    Raises:
        SourceError: Names the file and line that cannot be read.
    """
    files = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    if not files or not files[0].is_file():
        raise SourceError(f"{source}: no JSONL file: need N-PowerAI's")
    for file in files:
        lines = read_text(file).split("\n")  # a text may hold other line ends
        if not any(line.lstrip().startswith("{") for line in lines):
            raise SourceError(f"{file}: no JSON object on any line: need N-PowerAI's JSON lines")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield question(file, number, line)
            except SourceError as error:
                yield Rejection(f"line {number}", "malformed_record", str(error))


def question(file: Path, number: int, line: str) -> Question:
    """Read one record.

    Raises:
        SourceError: It is no JSON, or lacks a field.
    """
    try:
        record = parse_json(line)
        target = cast(Literal["size", "power"], record["estimate_target"])
        if target not in ("size", "power"):
            raise ValueError(f"estimate_target {target!r}")
        template = (int(record["task_id"]), target)
        return Question(
            f"question {number}",
            template,
            target,
            record["question"],
            float(record["answer"]),
            published_split(file),
        )
    except (ValueError, OverflowError, TypeError, KeyError) as error:
        raise SourceError(
            f"{file}:{number}: {type(error).__name__}: {error}: need task_id, estimate_target,"
            " question and answer"
        ) from error


def plan(asked: Question) -> Plan:
    """Read the design from a question's numbers.

    Raises:
        ForeignError: The template is unknown, or the numbers are fewer.
    """
    n = [float(text.replace(",", "")) for text in NUMBER.findall(asked.text)]
    if asked.template not in PLANS:
        raise ForeignError(f"template {asked.template}: unknown")
    try:
        return PLANS[asked.template](n)
    except IndexError as error:
        raise ForeignError(f"template {asked.template}: {len(n)} numbers in it") from error


def recomputed(made: Plan, target: Target) -> float:
    """Give the answer to a question."""
    design = made.design(**made.numbers)
    if target == "power":
        return design.power(int(made.given))
    size = design.size(made.given)
    return math.ceil(size / 2) if made.halved else size


def slip(asked: Question, made: Plan) -> str | None:
    """Give the template's slip that turns our answer into the label; None where none does."""
    known = SLIPS.get(asked.template)
    if known is None:
        return None
    text, changed = known
    wrong = changed(made)
    return text if same(asked, recomputed(wrong, asked.target)) else None


def labelled(asked: Question) -> Labelled:
    """Recompute a question's answer, and compare it with the published one."""
    number, target = asked.template
    label = f"{asked.label:.10g}"
    try:
        made = plan(asked)
        ours = recomputed(made, asked.target)
    except ValueError as error:
        category = f"template {number}-{target}"
        told = {"cause": "foreign", "party": "scope", "detail": str(error)}
        return Labelled(asked.name, category, "not_computable", label, **told)
    category = f"{made.family}-{target}"
    computed = f"{ours:.10g}"
    if same(asked, ours):
        return Labelled(asked.name, category, "agrees", label, computed)
    cause = slip(asked, made) or ""
    return Labelled(asked.name, category, "disagrees", label, computed, cause, "label")


def same(asked: Question, ours: float) -> bool:
    """Compare an answer with the label by the publisher's rule."""
    if asked.target == "size":
        return ours == asked.label
    return abs(ours - asked.label) <= SHARE * abs(ours)


def calculation(asked: Question, made: Plan, wordings: Mapping[str, Wording]) -> Calculation:
    """Give the calculation of a question, with our answer and its reference.

    Raises:
        DisputedError: The reference program gives another answer than the design.
    """
    ours = recomputed(made, asked.target)
    setting = {"target": made.given} if asked.target == "size" else {"n": int(made.given)}
    tail = SIZE_TAIL if asked.target == "size" else POWER_TAIL
    smallest = made.design(**made.numbers).smallest
    code = program({**made.numbers, **setting}, wordings[made.family].program, tail, smallest)
    if made.halved and asked.target == "size":
        code += "answer = -(-answer // 2)\n"
    if asked.target == "size":
        kind = IntegerAnswer(kind="integer")
        oracle = ExactOracle(kind="exact", expected=int(ours), tolerance=Tolerance(relative=0.0))
        done = Calculation(asked.text, kind, oracle, code)
    else:
        done = Calculation(asked.text, NumberAnswer(kind="number"), of_share(ours), code)
    done.check()
    return done


def of_share(power: float) -> NumericOracle:
    """Give the oracle of a power by the publisher's rule."""
    tolerance = Tolerance(absolute=HALF + NOISE, relative=SHARE)
    return NumericOracle(kind="numeric", expected=round(power, 9), tolerance=tolerance)


def one_sample(mean: float, given: float) -> Plan:
    """Plan template 1."""
    numbers = {"difference": round(mean - 120, 9), "deviation": 7.3, "alpha": 0.05, "sides": 2}
    return Plan("one_sample_t", OneSampleT, numbers, given)


def two_sample(difference: float, one: float, other: float, given: float) -> Plan:
    """Plan template 2: the deviation is the root of the mean of both variances."""
    deviation = math.sqrt((one**2 + other**2) / 2)
    numbers = {"difference": difference, "deviation": deviation, "ratio": 1}
    return Plan("two_sample_t", TwoSampleT, {**numbers, "alpha": 0.05, "sides": 2}, given)


def paired(difference: float, deviation: float, given: float) -> Plan:
    """Plan template 3."""
    numbers = {"difference": difference, "deviation": deviation, "alpha": 0.05, "sides": 1}
    return Plan("paired_t", PairedT, numbers, given)


def anova(means: list[float], deviation: float, given: float) -> Plan:
    """Plan template 4."""
    numbers = {"means": means, "deviation": deviation, "alpha": 0.05}
    return Plan("anova", Anova, numbers, given)


def crossed(cells: list[float], given: float) -> Plan:
    """Plan template 5: both rows are as large, and their proportions may miss 1 by rounding."""
    whole = sum(cells)
    table = [[cell / whole for cell in cells[:5]], [cell / whole for cell in cells[5:]]]
    return Plan("chi_square", ChiSquare, {"table": table, "alpha": 0.05}, given)


def survival(hazard_ratio: float, failing: list[float], given: float) -> Plan:
    """Plan template 6, by Freedman's rule, in groups of one size."""
    numbers = {"hazard_ratio": hazard_ratio, "events": sum(failing) / 2, "rule": "Freedman"}
    numbers |= {"alpha": 0.05, "sides": 2}
    return Plan("log_rank", LogRank, numbers, given, halved=True)


PLANS: Mapping[Template, Callable[[list[float]], Plan]] = {
    (1, "size"): lambda n: one_sample(n[2], n[5] / 100),
    (1, "power"): lambda n: one_sample(n[2], n[4]),
    (2, "size"): lambda n: two_sample(n[3], n[4], n[5], n[6] / 100),
    (2, "power"): lambda n: two_sample(n[4], n[5], n[6], n[2]),
    (3, "size"): lambda n: paired(n[1], n[2], n[5] / 100),
    (3, "power"): lambda n: paired(n[1], n[2], n[5]),
    (4, "size"): lambda n: anova(n[:4], n[4], n[5] / 100),
    (4, "power"): lambda n: anova(n[:4], n[4], n[5]),
    (5, "size"): lambda n: crossed(n[:10], n[10] / 100),
    (5, "power"): lambda n: crossed(n[1:11], n[0]),
    (6, "size"): lambda n: survival(n[21], n[19:21], n[22] / 100),
    (6, "power"): lambda n: survival(n[22], n[20:22], 2 * n[15]),
}
"""By template: the design from the question's numbers."""


def instead(made: Plan, given: float | None = None, **numbers: Any) -> Plan:
    """Give a plan with other numbers."""
    known = {**made.numbers, **numbers}
    return Plan(made.family, made.design, known, given or made.given, made.halved)


def sample_variance(made: Plan, given: float | None = None) -> Plan:
    """Give an analysis of variance whose means' variance is over 3 in place of 4."""
    return instead(made, given, deviation=made.numbers["deviation"] * math.sqrt(3 / 4))


SLIPS: Mapping[Template, tuple[str, Callable[[Plan], Plan]]] = {
    (2, "size"): ("the answer of a difference of 10", lambda p: instead(p, difference=10)),
    (3, "power"): ("computed with 42 pairs", lambda p: instead(p, 42)),
    (4, "size"): ("the variance of the means over 3, not 4", sample_variance),
    (4, "power"): (
        "the variance of the means over 3, not 4, and 31 in a group",
        lambda p: sample_variance(p, 31),
    ),
    (6, "power"): ("the answer of a hazard ratio of 0.7", lambda p: instead(p, hazard_ratio=0.7)),
}
"""What the template's author did, by template."""
