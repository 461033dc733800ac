"""Ways to earn the reward of a task of named values without solving it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.analysis.recipes import RECIPES
from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Answer, Attempt, Pace, Subject, Submission, python
from taskkit.oracles.values import NEUTRAL
from taskkit.spec.action import CodeExecution
from taskkit.spec.answer import ObjectAnswer

PLACE = re.compile(r"^place = '/data/(\w+)_data_'$", re.MULTILINE)
PASSES = ("pass", "answer = {}", "import os; os._exit(0)")


class PartProbe:
    """Submits all values but one, or all right but one."""

    name: ClassVar[str] = "part"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Leave each value out, make it null or neutral, or alter it."""
        value, answer = subject.expected, subject.spec.answer
        if not isinstance(value, dict) or not isinstance(answer, ObjectAnswer):
            return
        for member in answer.members:
            name = member.name
            right = value[name]
            rest = {key: one for key, one in value.items() if key != name}
            yield Answer.value(f"without {name}", rest)
            if right is not None:
                yield Answer.value(f"{name} is null", {**value, name: None})
            neutral = NEUTRAL.get(member.type.kind, [])
            if right != neutral:
                yield Answer.value(f"{name} is nothing", {**value, name: neutral})
            yield Answer.value(f"{name} is another", {**value, name: altered(right)})
        yield Answer.value("one value too many", {**value, "another": 1})


class PassProbe:
    """Submits programs that do nothing."""

    name: ClassVar[str] = "pass"
    code: ClassVar[ExploitCode] = "passes_empty"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the programs."""
        for code in PASSES:
            yield Submission(code, python(code))


class OtherStudyProbe:
    """Runs the reference over another study: the values of another task."""

    name: ClassVar[str] = "other study"
    code: ClassVar[ExploitCode] = "passes_among_others"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the reference with the files of a study that is written alike."""
        step = subject.spec.reference.steps[-1]
        if not isinstance(step, CodeExecution) or (match := PLACE.search(step.code)) is None:
            return
        suffixes = {recipe.name: recipe.layout.suffix for recipe in RECIPES}
        for name, suffix in suffixes.items():
            if name != match[1] and suffix == suffixes.get(match[1]):
                code = step.code.replace(match[0], match[0].replace(match[1], name))
                yield Submission(f"asked of {name}", python(code))
                return


def altered(value: JsonValue) -> JsonValue:
    """Give another value of the same type, off by a tenth at least."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return (
            value + max(1, abs(round(value * 0.1))) if isinstance(value, int) else value * 1.1 + 1
        )
    if isinstance(value, list):
        return [*value[:-1], altered(value[-1])] if value else [0]
    return f"{value}x"
