"""Run the reference of a question over the tables, and see that no row order decides its answer."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from taskkit.analysis.cohort import generator
from taskkit.analysis.question import Question
from taskkit.analysis.values import VagueError, as_json, object_answer, tolerance, values_oracle
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.values import ValuesJudge

MATRICES = ("_cna.", "_mrna_seq_rsem.")
FIRST = 2  # columns of a matrix that name the gene


class OrderError(ValueError):
    """An answer that is another one when the rows of the tables are in another order."""


def solve(question: Question, folder: Path, shuffled: Path) -> dict[str, JsonValue]:
    """Give the named values that answer a question.

    Args:
        folder: Where the tables are.
        shuffled: Where they are with their rows in another order.

    Raises:
        VagueError: a value is missing or not finite, or they are all nothing.
        OrderError: the values hang on the order of rows.
        ValueError: the program cannot be run over these tables.
    """
    expected = run(question, folder)
    asked = question.entry.question.answer
    names = [member.name for member in asked]
    if list(expected) != names:
        raise ValueError(f"the program gives {', '.join(expected)}: need {', '.join(names)}")
    numbers = [value for value in expected.values() if not isinstance(value, str)]
    if sum(value in (0, 0.0, []) for value in numbers) * 2 > len(expected):
        raise VagueError("most of its values are nothing")
    for member in asked:
        value = expected[member.name]
        if isinstance(value, float) and 0 < abs(value) <= tolerance(member).absolute:
            raise VagueError(f"{member.name} is {value:.2g}, which 0 is near enough to")
    again = run(question, shuffled)
    example = Example(object_answer(asked, expected), values_oracle(asked, expected))
    verdict = ValuesJudge().judge(example, Evidence(json.dumps(again).encode()))
    if not verdict.reward:
        raise OrderError(verdict.explanation)
    return expected


def run(question: Question, folder: Path) -> dict[str, JsonValue]:
    """Run the program of a question, which taskkit ships, over the tables of a folder.

    Raises:
        VagueError: a value is missing or not finite.
        ValueError: the program ends with an error.
    """
    code = compile(question.code(f"{folder.as_posix()}/"), question.entry.question.name, "exec")
    scope: dict[str, object] = {}
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(code, scope)  # noqa: S102 shipped with taskkit
    except (ArithmeticError, LookupError, ValueError, TypeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    answer = scope["answer"]
    assert isinstance(answer, Mapping), "programs of the bank set a mapping"
    return {str(name): as_json(value) for name, value in answer.items()}


def shuffle(files: Mapping[str, Path], target: Path) -> None:
    """Write tables with their rows, and the samples of matrices, in another order."""
    for name, path in files.items():
        chance = generator("shuffled", name)
        text = path.read_text("utf-8").splitlines(keepends=True)
        head = next(i for i, line in enumerate(text) if not line.startswith("#"))
        tabs = name.endswith(".txt")
        rows = list(csv.reader(text[head:], delimiter="\t" if tabs else ","))
        if any(part in name for part in MATRICES):
            places = FIRST + chance.permutation(len(rows[0]) - FIRST)
            rows = [row[:FIRST] + [row[i] for i in places] for row in rows]
        body = [rows[1 + i] for i in chance.permutation(len(rows) - 1)]
        with (target / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(text[:head])
            out = csv.writer(file, delimiter="\t" if tabs else ",", lineterminator="\n")
            out.writerows([rows[0], *body])
