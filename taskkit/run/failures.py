"""Why an episode was not rewarded: one cause each, by rules that anyone can check.

The first rule that applies decides.

1. `refusal`: the model declined, by the endpoint's own word or in a last reply without an action.
2. `loop`: the last step repeats an earlier one, action and observation, as do two steps or more.
3. `malformed`: the last step is no action, and there is no answer.
4. The answer was judged: `wrong_type` for another type or no JSON, `wrong_value` for a wrong value,
   or wrong changes in a service, where the program that submitted ended without an error.
5. The last program failed, whether it submitted or not: `compile` where it could not begin (syntax,
   or a query that names what is not there), `io` for files, connections and encodings, else
   `runtime`.
6. `no_answer`: an answer was submitted by a program that left none, or the agent ended by itself.
7. `limit`: actions, tokens, time or the window were used up.

Void episodes have the cause `endpoint`, `sandbox`, `agent`, `plugin` (code of others failed, such
as a judge) or `service` (a bug of a service that taskkit ships): they say nothing about the model,
and are not counted as its failures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from taskkit.run.trajectory import Step, Trajectory

Cause = Literal[
    "loop", "runtime", "compile", "io", "wrong_value", "wrong_type", "no_answer", "malformed",
    "limit", "refusal",
]  # fmt: skip
CAUSES: tuple[Cause, ...] = get_args(Cause)
EXPLAINED: dict[str, str] = {
    "loop": "repeats an action without new information",
    "runtime": "the last program raised an error, or was stopped",
    "compile": "the last program could not begin: syntax, or a query that names what is not there",
    "io": "the last program failed over files, connections or encodings",
    "wrong_value": "a wrong value, with no error",
    "wrong_type": "an answer of another type, or no JSON",
    "no_answer": "the submission left no answer, or the agent ended without one",
    "malformed": "the last reply held no action that can be read",
    "limit": "actions, tokens, time or the window were used up",
    "refusal": "the model declined",
}
PUBLISHED: dict[str, float] = {"loop": 0.5039, "runtime": 0.3039, "compile": 0.1522, "io": 0.04}
"""Shares that the paper on MedAgentGym reports (arXiv 2506.04405); `io` with others."""
REPEATS = 2  # steps that repeat earlier ones: the same thing was done three times

PROGRAMS = ("code_execution", "terminal")
ADDRESS = re.compile(r"0x[0-9a-f]+")
RECEIPT = re.compile(r"^\[(?:Your answer|No answer)[^\n]*$", re.MULTILINE)
SPACE = re.compile(r"\s+")
DECLINED = re.compile(
    r"\b(?:I(?:'m| am) (?:sorry|unable|not able)|I (?:can(?:no|')t|will not|won't)"
    r" (?:help|assist|provide|comply|answer|do that)|as an AI\b)",
    re.IGNORECASE,
)
RAISED = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Interrupt|Exit|Warning|Timeout))\b", re.M)
COMPILE = ("SyntaxError", "IndentationError", "TabError")
COMPILE_TEXT = re.compile(
    r"syntax error|no such (?:column|table|function|collation)|ambiguous column name"
    r"|misuse of |incomplete input|unrecognized token|wrong number of arguments to function"
    r"|only execute one statement|GROUP BY clause is required|not authorized|no query: need one",
    re.IGNORECASE,
)
IO = (
    "FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "OSError",
    "FileExistsError", "BlockingIOError", "BrokenPipeError", "ConnectionError", "EOFError",
    "ConnectionRefusedError", "ConnectionResetError", "IOError", "TimeoutError", "URLError",
    "UnicodeDecodeError", "UnicodeEncodeError", "HTTPError", "ConnectError", "gaierror",
)  # fmt: skip
IO_TEXT = re.compile(
    r"No such file or directory|Permission denied|unable to open database|disk I/O error"
    r"|Is a directory|cannot open|Read-only file system|No space left|Network is unreachable"
)


def cause(trajectory: Trajectory) -> Cause | None:
    """Give why an episode was not rewarded; None where it was."""
    steps, code = trajectory.steps, trajectory.judgement.code
    if trajectory.reward >= 1.0:
        return None
    if trajectory.ending == "refusal" or _declined(steps):
        return "refusal"
    if looped(steps):
        return "loop"
    if steps and steps[-1].kind == "malformed" and code == "missing":
        return "malformed"
    if code in ("wrong_type", "malformed"):
        return "wrong_type"
    last = next((step for step in reversed(steps) if step.kind in PROGRAMS), None)
    failed = last is not None and last.status not in ("ok", "refused")
    if code == "wrong" and not (last and failed and last.judgement):
        return "wrong_value"
    if last and failed:
        return error_class(last)
    if trajectory.ending in ("answered", "gave_up"):
        return "no_answer"
    return "limit"


def error_class(step: Step) -> Literal["compile", "io", "runtime"]:
    """Give the class of the error that a failed program ended with."""
    if step.status != "error":
        return "runtime"  # stopped: time, memory, output
    text = step.observation.partition("[stderr]\n")[2] or step.observation
    raised = RAISED.findall(text)
    if raised and raised[-1] in COMPILE:
        return "compile"
    if raised and raised[-1] in IO:
        return "io"
    python = "Traceback (most recent call last)" in text
    if not python and COMPILE_TEXT.search(text):
        return "compile"
    if not python and IO_TEXT.search(text):
        return "io"
    return "runtime"


def repeats(steps: Iterable[Step]) -> list[bool]:
    """Say of each step whether it repeats an earlier one: same action, and nothing new came."""
    seen: set[tuple[str, str]] = set()
    made = []
    for step in steps:
        mark = (_bare(_text(step)), _bare(RECEIPT.sub("", ADDRESS.sub("0x", step.observation))))
        made.append(mark in seen)
        seen.add(mark)
    return made


def looped(steps: Sequence[Step]) -> bool:
    """Say whether the episode ended in a loop."""
    again = repeats(steps)
    return bool(again) and again[-1] and sum(again) >= REPEATS


def _declined(steps: Sequence[Step]) -> bool:
    last = steps[-1] if steps else None
    return last is not None and last.kind == "malformed" and bool(DECLINED.search(_text(last)))


def _text(step: Step) -> str:
    action = step.action
    return action if isinstance(action, str) else json.dumps(action, sort_keys=True)


def _bare(text: str) -> str:
    return SPACE.sub(" ", text).strip().lower()
