"""Trajectories as ATIF v1.8, the Agent Trajectory Interchange Format of Harbor."""

from __future__ import annotations

import json
from typing import Any

from taskkit.run.trajectory import Message, Step, Tokens, Trajectory, exchanges

VERSION = "ATIF-v1.8"


def atif(trajectory: Trajectory) -> dict[str, Any]:
    """Give a trajectory as an ATIF document."""
    steps = [_agent_step(trajectory, group) for group in exchanges(trajectory.steps)]
    if trajectory.last is not None:
        steps.append({"source": "agent", "message": trajectory.last.content})
    head = [{"source": "system", "message": trajectory.system}] if trajectory.system else []
    task = {"source": "user", "message": trajectory.opening, "timestamp": trajectory.began}
    numbered = enumerate([*head, task, *steps], 1)
    return {
        "schema_version": VERSION,
        "session_id": trajectory.run,
        "trajectory_id": trajectory.id,
        "agent": _agent(trajectory),
        "steps": [{"step_id": number, **step} for number, step in numbered],
        "final_metrics": {
            "total_prompt_tokens": trajectory.tokens.input,
            "total_completion_tokens": trajectory.tokens.output,
            "total_cached_tokens": trajectory.tokens.cached,
            **_cost("total_cost_usd", trajectory.tokens),
            "total_steps": len(trajectory.steps),
        },
        "extra": labels(trajectory),
    }


def labels(trajectory: Trajectory) -> dict[str, Any]:
    """Give what other forms have no field for."""
    return {
        "task": trajectory.task.model_dump(mode="json"),
        "place": trajectory.place.model_dump(mode="json"),
        "attempt": trajectory.attempt,
        "ending": trajectory.ending,
        "verdict": trajectory.judgement.code,
        "reward": trajectory.reward,
        "rewards": [one.reward for one in trajectory.judgements],
        "credentialed": trajectory.credentialed,
        "taskkit": trajectory.taskkit,
    }


def _agent(trajectory: Trajectory) -> dict[str, Any]:
    player = trajectory.player
    made: dict[str, Any] = {"name": f"taskkit-{player.name}", "version": trajectory.taskkit}
    if player.model is not None:
        made["model_name"] = player.model
    if trajectory.tools:
        made["tool_definitions"] = list(trajectory.tools)
    return made


def _agent_step(trajectory: Trajectory, group: list[Step]) -> dict[str, Any]:
    """Give a reply with the actions that were read from it, as tool calls."""
    first, reply = group[0], group[0].reply
    calls, results = [], []
    for number, step in enumerate(group):
        if isinstance(step.action, dict):
            id = step.call or f"action_{number}"
            arguments = {k: v for k, v in step.action.items() if k != "action"}
            calls.append({"tool_call_id": id, "function_name": step.kind, "arguments": arguments})
            results.append({"source_call_id": id, "content": step.observation})
        else:
            results.append({"content": step.observation})
    made: dict[str, Any] = {
        "source": "agent",
        "message": reply.content if reply else _said(first),
        "observation": {"results": results},
    }
    if calls:
        made["tool_calls"] = calls
    if reply is None:
        return {**made, "llm_call_count": 0}
    if trajectory.player.model is not None:
        made["model_name"] = trajectory.player.model
    if reply.reasoning:
        made["reasoning_content"] = reply.reasoning
    return {**made, "metrics": _metrics(reply)}


def _said(step: Step) -> str:
    return step.action if isinstance(step.action, str) else ""


def _metrics(reply: Message) -> dict[str, Any]:
    used = reply.tokens
    return {
        "prompt_tokens": used.input,
        "completion_tokens": used.output,
        "cached_tokens": used.cached,
        **_cost("cost_usd", used),
    }


def _cost(name: str, used: Tokens) -> dict[str, float]:
    return {} if used.cost is None else {name: used.cost}


def text(trajectory: Trajectory) -> str:
    """Give the document of a trajectory."""
    return json.dumps(atif(trajectory), ensure_ascii=False, indent=1) + "\n"
