"""A hundred trajectories with known causes: each gets the one that a reader would give it."""

from __future__ import annotations

from collections import Counter

import pytest

from taskkit.run.behaviour import Behaviour
from taskkit.run.failures import CAUSES, EXPLAINED, PUBLISHED, Cause, cause
from taskkit.run.trajectory import Message, Step, Trajectory
from tests.run.trajectories import ask, python, shell, sql, step, trajectory

TRACE = 'Traceback (most recent call last):\n  File "/workspace/program.py", line 3, in <module>\n'
ROWS = "count(*)\n3\n(1 row)"
DEBUG = {"action": "debugging"}

Case = tuple[str, Trajectory, Cause]


def err(text: str) -> str:
    return f"[stderr]\n{text}\n[The program failed (exit code 1).]"


def failing(action: dict[str, object], text: str, *, status: str = "error") -> Trajectory:
    """Look once, then fail, and run out of actions."""
    looked = step(ask(), "patients (3 rows): subject_id")
    return trajectory(looked, step(action, err(text), status), ending="steps")


def submitted(action: dict[str, object], text: str, *, status: str = "error") -> Trajectory:
    """Submit a program that fails."""
    last = step(action, f"{err(text)}\n[No answer was found; 0 left.]", status, "missing")
    return trajectory(step(ask(), "patients"), last, verdict="missing")


def answered(code: str, *before: Step, action: dict[str, object] | None = None) -> Trajectory:
    receipt = f"{ROWS}\n[Your answer was received; 0 left.]"
    last = step(action or sql("select 9", submit=True), receipt, "ok", code)
    return trajectory(*before, last, verdict=code)


COMPILE_SQL = (
    'near "FORM": syntax error', "no such column: ward", "no such table: patient",
    "no such function: DATEDIFF", "ambiguous column name: subject_id", "incomplete input",
    "misuse of aggregate: count()", 'unrecognized token: "\'abc"',
    "wrong number of arguments to function substr()",
    "You can only execute one statement at a time.",
    "not authorized", "no such collation sequence: latin1",
)  # fmt: skip
RUNTIME_SQL = ("integer overflow", "interrupted", "datatype mismatch", "string or blob too big")
COMPILE_PYTHON = (
    "SyntaxError: invalid syntax", "SyntaxError: '(' was never closed",
    "IndentationError: unexpected indent", "TabError: inconsistent use of tabs and spaces",
    "SyntaxError: unterminated string literal (detected at line 1)",
)  # fmt: skip
RUNTIME_PYTHON = (
    "NameError: name 'df' is not defined", "KeyError: 'admittime'", "TypeError: unhashable type",
    "ValueError: could not convert string to float: 'x'", "IndexError: list index out of range",
    "ZeroDivisionError: division by zero", "AttributeError: 'NoneType' object has no attribute 'a'",
    "ModuleNotFoundError: No module named 'torch'", "RecursionError: maximum recursion depth",
    "pandas.errors.MergeError: No common columns", "sqlite3.OperationalError: no such table: x",
    "json.decoder.JSONDecodeError: Expecting value", "AssertionError",
    "StopIteration\nRuntimeError: x",
)  # fmt: skip
IO_PYTHON = (
    "FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'",
    "PermissionError: [Errno 13] Permission denied: '/data/x'",
    "IsADirectoryError: [Errno 21] Is a directory: '/data'", "EOFError: EOF when reading a line",
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff", "OSError: [Errno 28] No space left",
    "urllib.error.URLError: <urlopen error>", "requests.exceptions.ConnectionError: refused",
)  # fmt: skip
SHELL: tuple[tuple[str, Cause], ...] = (
    ("/bin/sh: 1: Syntax error: Unterminated quoted string", "compile"),
    ("cat: a.csv: No such file or directory", "io"),
    ("sh: 1: cannot open b.csv: No such file", "io"),
    ("touch: cannot touch '/data/x': Read-only file system", "io"),
    ("sh: 1: jq: not found", "runtime"), ("awk: division by zero", "runtime"),
)  # fmt: skip
STOPPED = ("timeout", "out_of_memory", "killed", "output_limit")
DECLINED = (
    "I'm sorry, but I can't share patient data.", "I cannot help with that.",
    "As an AI, I do not give medical advice.", "I am unable to answer this.", "I won't comply.",
)  # fmt: skip

again = step(sql(), ROWS)
other = step(sql("select 2"), "2\n2\n(1 row)")
prose = step("The answer is 3.", "malformed action: not valid JSON", "refused")


def refused_by_endpoint(words: str) -> Trajectory:
    return trajectory(ending="refusal", detail=words, last=Message(content=words))


CASES: list[Case] = [
    *((f"sql-{n}", failing(sql(), f"OperationalError: {t}"), "compile")
      for n, t in enumerate(COMPILE_SQL)),
    *((f"sql-submitted-{n}", submitted(sql(submit=True), f"OperationalError: {t}"), "compile")
      for n, t in enumerate(COMPILE_SQL[:4])),
    *((f"sql-run-{n}", failing(sql(), f"OperationalError: {t}"), "runtime")
      for n, t in enumerate(RUNTIME_SQL)),
    *((f"python-syntax-{n}", failing(python(), f'  File "p.py", line 1\n{t}'), "compile")
      for n, t in enumerate(COMPILE_PYTHON)),
    *((f"python-{n}", failing(python(), TRACE + t), "runtime")
      for n, t in enumerate(RUNTIME_PYTHON)),
    *((f"python-submitted-{n}", submitted(python(submit=True), TRACE + t), "runtime")
      for n, t in enumerate(RUNTIME_PYTHON[:4])),
    *((f"file-{n}", failing(python(), TRACE + t), "io") for n, t in enumerate(IO_PYTHON)),
    *((f"shell-{n}", failing(shell(), t), c) for n, (t, c) in enumerate(SHELL)),
    *((f"stopped-{s}", failing(python(), "", status=s), "runtime") for s in STOPPED),
    ("stopped-while-submitting", submitted(python(submit=True), "", status="timeout"), "runtime"),
    # the same thing three times or more, up to the end
    ("loop", trajectory(again, again, again, ending="steps"), "loop"),
    ("loop-of-two", trajectory(again, other, again, other, ending="steps"), "loop"),
    ("loop-of-error", trajectory(*[step(sql("x"), err("no such column: x"), "error")] * 4,
                                 ending="steps"), "loop"),
    ("loop-in-other-letters", trajectory(again, step(sql("SELECT  1"), ROWS), again,
                                         ending="steps"), "loop"),
    ("loop-of-places-in-memory",
     trajectory(*(step(python("print(a)"), f"<A at 0x7f00ab{n}>") for n in "123"),
                ending="steps"), "loop"),
    ("loop-of-answers",
     trajectory(*(step(sql("select 9", submit=True), f"9\n[Your answer is wrong; {n} left.]", "ok",
                       "wrong") for n in (2, 1, 0)), verdict="wrong"), "loop"),
    ("loop-of-questions", trajectory(*[step(ask("search", text="ward"), "nothing")] * 3,
                                     ending="tokens"), "loop"),
    ("loop-of-debugging", trajectory(again, *[step(DEBUG, "There is no error.")] * 3,
                                     ending="steps"), "loop"),
    ("loop-of-prose", trajectory(prose, prose, prose, ending="steps"), "loop"),
    ("loop-of-commands", trajectory(*[step(shell(), "a.csv")] * 5, ending="time"), "loop"),
    # no loop: twice only, or something new at the end
    ("twice", trajectory(again, again, ending="steps"), "limit"),
    ("looped-then-answered", answered("wrong", again, again, again), "wrong_value"),
    ("looped-then-new", trajectory(again, again, again, other, ending="steps"), "limit"),
    ("same-action-new-result", trajectory(*(step(shell("date"), f"{n} o'clock") for n in (1, 2, 3)),
                                          ending="steps"), "limit"),
    # declined
    *((f"declined-{n}", trajectory(step(t, "malformed action", "refused"), ending="steps"),
       "refusal") for n, t in enumerate(DECLINED)),
    ("refusal", refused_by_endpoint("I can't help with that."), "refusal"),
    ("content-filter", refused_by_endpoint("content_filter"), "refusal"),
    # no action
    ("prose", trajectory(again, prose, ending="steps"), "malformed"),
    ("prose-alone", trajectory(prose, ending="steps"), "malformed"),
    ("bad-arguments", trajectory(step("terminal({not json)", "malformed", "refused"),
                                 ending="steps"), "malformed"),
    # judged
    ("wrong", answered("wrong"), "wrong_value"),
    ("wrong-after-work", answered("wrong", again, other), "wrong_value"),
    ("wrong-after-a-mended-error",
     answered("wrong", step(sql("x"), err("no such column: x"), "error"), again), "wrong_value"),
    ("wrong-python", answered("wrong", action=python("answer = 4", submit=True)), "wrong_value"),
    ("nothing-done-by-a-program-that-failed", trajectory(
        step(python("x['a']", submit=True), err(TRACE + "KeyError: 'a'"), "error", "wrong"),
        verdict="wrong"), "runtime"),
    ("wrong-after-debugging", answered("wrong", step(DEBUG, "nothing")), "wrong_value"),
    ("wrong-type", answered("wrong_type"), "wrong_type"),
    ("wrong-type-after-work", answered("wrong_type", again), "wrong_type"),
    ("no-json", answered("malformed", action=shell("echo x >answer.json", submit=True)),
     "wrong_type"),
    # no answer
    ("nothing-left", answered("missing", action=python("x = 1", submit=True)), "no_answer"),
    ("nothing-left-by-shell", answered("missing", action=shell(submit=True)), "no_answer"),
    ("gave-up", trajectory(again, ending="gave_up"), "no_answer"),
    ("gave-up-at-once", trajectory(ending="gave_up"), "no_answer"),
    # used up
    ("steps", trajectory(again, other, ending="steps"), "limit"),
    ("tokens", trajectory(again, ending="tokens"), "limit"),
    ("context", trajectory(again, ending="context"), "limit"),
    ("time", trajectory(again, ending="time"), "limit"),
    ("time-at-once", trajectory(ending="time"), "limit"),
    ("questions-only", trajectory(step(ask(), "a"), step(ask("columns", table="a"), "b"),
                                  ending="steps"), "limit"),
    ("not-allowed", trajectory(step(shell(), "terminal is not allowed in this task", "refused"),
                               ending="steps"), "limit"),
    ("an-error-that-was-mended",
     trajectory(step(sql("x"), err("no such column: x"), "error"), again, ending="steps"), "limit"),
    ("an-error-explained-and-left",
     trajectory(step(sql("x"), err("OperationalError: no such column: x"), "error"),
                step(DEBUG, "There is no column x."), ending="steps"), "compile"),
]  # fmt: skip


def test_there_are_a_hundred_of_every_cause() -> None:
    assert len(CASES) >= 100
    assert len({name for name, _, _ in CASES}) == len(CASES)
    assert {expected for _, _, expected in CASES} == set(CAUSES)


@pytest.mark.parametrize(("made", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_unsuccessful_episode_has_one_cause(made: Trajectory, expected: Cause) -> None:
    assert cause(made) == expected


def test_a_rewarded_episode_has_none() -> None:
    assert cause(answered("right", again, again, again)) is None


def test_every_cause_is_explained_and_the_paper_s_shares_are_whole() -> None:
    assert set(EXPLAINED) == set(CAUSES)
    assert sum(PUBLISHED.values()) == pytest.approx(1.0)


def test_what_agents_do_is_counted() -> None:
    doing = Behaviour()
    error = step(sql("x"), err("OperationalError: no such column: x"), "error")
    doing.add(trajectory(error, step(DEBUG, "no column x"), again, again))
    doing.add(trajectory(error, error, step(ask(), "tables")))
    doing.add(trajectory(error))
    assert doing.kinds == Counter(code_execution=6, debugging=1, request_info=1)
    assert doing.errors == Counter(compile=4)
    assert doing.after == Counter(debugging=1, code_execution=1, request_info=1, end=1)
    assert (doing.explained.errors, doing.explained.mended) == (1, 1)
    assert (doing.unexplained.errors, doing.unexplained.mended) == (1, 0)
    assert doing.repeated == 2
