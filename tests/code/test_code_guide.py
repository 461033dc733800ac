"""`debugging` speaks of the submission's own lines and of the calls that the task shows."""

from __future__ import annotations

from taskkit.code.guide import CodeGuide, handed_in
from taskkit.oracles.cases import Call
from taskkit.play.guide import Failure
from taskkit.sandbox.protocol import Program

GUIDE = CodeGuide("gc", [Call(arguments='["GAT"]', expected="1")])
SHOWN = "The task shows: gc('GAT') -> 1"


def remarks(code: str, error: str = "") -> list[str]:
    return GUIDE.remarks(Failure(error, Program("python", code)))


def test_the_line_of_the_source_that_failed_is_shown() -> None:
    source = "def gc(s):\n    return s.cuont('G')\n"
    error = '  File "<program>", line 2\n  File "<string>", line 2, in gc\nAttributeError: x'
    said = remarks(f"answer = {source!r}\nexec(answer)\ngc('A')", error)
    assert said == ["In the source, line 2: return s.cuont('G')", SHOWN]


def test_a_source_that_is_no_python_is_shown_at_its_line() -> None:
    said = remarks("answer = 'def gc(s)\\n    return 1\\n'")
    assert said == ["The source is no valid Python: line 1: def gc(s): expected ':'."]


def test_another_function_is_named() -> None:
    said = remarks("answer = 'def count(s):\\n    return 1\\n'")
    assert said == ["The source defines count; the task asks for gc."]


def test_a_function_without_return_and_with_other_arguments_is_told_by_the_calls() -> None:
    said = remarks("answer = 'def gc(s, t):\\n    print(s)\\n'")
    assert said == [
        "gc has no `return`: its result is None.",
        "gc is called with 1 argument, by position.",
        SHOWN,
    ]


def test_nothing_is_said_of_a_source_that_could_be_right() -> None:
    assert remarks("answer = 'def gc(s):\\n    return 1\\n'") == []
    assert remarks("print(1)") == []


def test_the_source_is_the_text_in_answer_or_the_program_itself() -> None:
    assert handed_in("answer = 'x = 1'") == "x = 1"
    assert handed_in("def gc(s): return 1\nprint(gc('G'))") == "def gc(s): return 1\nprint(gc('G'))"
    assert handed_in("print(") is None
