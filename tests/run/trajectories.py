"""Trajectories made by hand."""

from __future__ import annotations

from typing import Any

from taskkit.run.trajectory import Judgement, Place, Player, Step, Task, Trajectory

OK = Judgement(code="right", reward=1.0)


def step(
    action: dict[str, Any] | str = "",
    observation: str = "[no output]",
    status: str = "ok",
    judgement: str | None = None,
    **changes: Any,
) -> Step:
    """Make a step; a text is an action that cannot be read."""
    fields: dict[str, Any] = {
        "kind": action["action"] if isinstance(action, dict) else "malformed",
        "status": status,
        "judgement": None if judgement is None else judged(judgement),
    }
    return Step(action=action, observation=observation, **fields, **changes)


def judged(code: str) -> Judgement:
    return OK if code == "right" else Judgement(code=code, reward=0.0)  # type: ignore[arg-type]


def sql(code: str = "select 1", *, submit: bool = False) -> dict[str, Any]:
    return {"action": "code_execution", "language": "sql", "code": code} | (
        {"submit": True} if submit else {}
    )


def python(code: str = "print(1)", *, submit: bool = False) -> dict[str, Any]:
    return sql(code, submit=submit) | {"language": "python"}


def shell(command: str = "ls", *, submit: bool = False) -> dict[str, Any]:
    return {"action": "terminal", "command": command} | ({"submit": True} if submit else {})


def ask(about: str = "tables", **fields: Any) -> dict[str, Any]:
    return {"action": "request_info", "about": about, **fields}


def trajectory(
    *steps: Step, ending: str = "answered", verdict: str = "missing", **changes: Any
) -> Trajectory:
    """Make a trajectory of the steps given."""
    fields: dict[str, Any] = {
        "schema_version": "taskkit/trajectory/1",
        "run": "made",
        "attempt": 1,
        "task": Task(
            id="toy-1", sha256="0" * 64, domain="toy", category="count", split="test",
            source="toy 1", licence="CC0-1.0", access="open",
        ),
        "player": Player(name="model", model="m", protocol="tools"),
        "place": Place(image="sql", sandbox="fake", isolation="none", max_steps=20),
        "taskkit": "0.1.0",
        "opening": "How many?",
        "steps": steps,
        "ending": ending,
        "judgement": judged(verdict),
        "began": "2026-01-01T00:00:00.000+00:00",
    }  # fmt: skip
    return Trajectory(**{**fields, **changes})
