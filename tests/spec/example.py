"""A task to start from, and strategies for many."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from taskkit.spec.task import TaskSpec

DIGEST = "3f" * 32


def task(**changes: Any) -> TaskSpec:
    """Return a valid task; ``changes`` replace fields of its document."""
    return TaskSpec.model_validate(document(**changes))


def document(**changes: Any) -> dict[str, Any]:
    """Return the plain values of a valid task."""
    return {
        "schema": "taskkit/task/1",
        "id": "toy-1",
        "domain": "toy",
        "category": "count",
        "split": "train",
        "instruction": "How many patients are there?",
        "answer": {"kind": "integer"},
        "environment": {
            "image": "sql",
            "assets": [{"name": "toy.sqlite", "sha256": DIGEST}],
            "database": "toy.sqlite",
        },
        "oracle": {"kind": "exact", "expected": 3},
        "reference": {
            "steps": [
                {"action": "request_info", "about": "tables"},
                {
                    "action": "code_execution",
                    "language": "sql",
                    "code": "select count(*)\nfrom patients",
                    "submit": True,
                },
            ]
        },
        "provenance": {
            "source": "toy 1",
            "record": "1",
            "record_sha256": DIGEST,
            "licence": "Apache-2.0",
            "access": "open",
            "builder": "toy 0.1.0",
        },
        **changes,
    }


PIECES = (
    *("\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", "\x85", "\u2028", "\x00", "\x7f", "\ufeff"),
    *("- ", ": ", ":", " #", "#", "'", '"', "\\", "|", ">", "%", "@", "`", "&a", "*a", "!t", "? "),
    *("---", "...", "{", "}", "[", "]", ",", "yes", "null", "~", "0x1F", "1e3", "1_000", "12:30"),
    *("2105-12-31", ".inf", "<<", "=", "é", "数", "😀", "select", "\x1b[0m", "x" * 300),
)  # fmt: skip
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
)
NAME = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,20}\Z")
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
STEP = st.one_of(
    st.builds(
        lambda text, submit: {"action": "terminal", "command": text, "submit": submit},
        TEXT,
        st.booleans(),
    ),
    st.builds(
        lambda text, language: {"action": "code_execution", "language": language, "code": text},
        TEXT,
        st.sampled_from(("sql", "python")),
    ),
    st.builds(lambda text: {"action": "debugging", "error": text}, st.none() | TEXT),
)
TASK = st.builds(
    lambda id, instruction, expected, steps, source, limit, context: task(
        id=id,
        instruction=instruction,
        context=context,
        oracle={"kind": "exact", "expected": expected, "tolerance": {"absolute": limit}},
        reference={"steps": steps},
        provenance={**document()["provenance"], "source": source},
    ),
    NAME,
    TEXT.filter(bool),
    VALUE,
    st.lists(STEP, min_size=1, max_size=3),
    TEXT,
    st.floats(0, 1e300),
    st.lists(st.builds(lambda name: {"name": name, "sha256": DIGEST}, TEXT), max_size=2),
)
