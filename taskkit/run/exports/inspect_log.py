"""A run as one log of Inspect, which its viewer and `read_eval_log` read; no package is needed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TextIO

from taskkit.run.exports.atif import labels
from taskkit.run.trajectory import Trajectory, exchanges, messages

VERSION = 2  # of Inspect's log format
SCORER = "taskkit"


class Log:
    """Written sample by sample, so that a large run need not fit in memory."""

    def __init__(self, file: TextIO, first: Trajectory, taskset: str, ids: Sequence[str]) -> None:
        """Begin the log of a run.

        Args:
            first: Any trajectory of the run.
            ids: Ids of its tasks.
        """
        self.file, self.taskset, self.ids = file, taskset, ids
        self.first, self.count, self.rewards = first, 0, 0.0
        self.squares = 0.0
        self.began, self.ended = first.began, first.began
        self.attempts: set[int] = set()
        self.usage = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
        file.write('{"samples": [')

    def add(self, trajectory: Trajectory) -> None:
        """Write the sample of a trajectory."""
        self.file.write(",\n" if self.count else "\n")
        json.dump(sample(trajectory), self.file, ensure_ascii=False)
        self.count += 1
        self.rewards += trajectory.reward
        self.squares += trajectory.reward**2
        self.attempts.add(trajectory.attempt)
        self.began = min(self.began, trajectory.began)
        self.ended = max(self.ended, _end(trajectory))
        for name, value in _usage(trajectory).items():
            self.usage[name] += value

    def close(self) -> None:
        """Write what stands for the whole run."""
        self.file.write("\n]")
        for name, value in self._head():
            self.file.write(f",\n{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
        self.file.write("}\n")

    def _head(self) -> Iterator[tuple[str, Any]]:
        model = self.first.player.model or self.first.player.name
        yield "version", VERSION
        yield "status", "success"
        yield (
            "eval",
            {
                "created": self.began,
                "task": self.taskset,
                "task_id": self.taskset,
                "run_id": self.first.run,
                "eval_id": self.first.run,
                "dataset": {
                    "name": self.taskset,
                    "samples": len(self.ids),
                    "sample_ids": list(self.ids),
                },
                "model": f"taskkit/{model}",
                "config": {"epochs": max(self.attempts, default=1)},
                "packages": {"taskkit": self.first.taskkit},
            },
        )
        yield "plan", {"name": "plan", "steps": [{"solver": self.first.player.name}]}
        yield "results", self._results()
        yield (
            "stats",
            {
                "started_at": self.began,
                "completed_at": self.ended,
                "model_usage": {f"taskkit/{model}": self.usage},
            },
        )

    def _results(self) -> dict[str, Any]:
        n = self.count
        mean = self.rewards / n if n else 0.0
        error = math.sqrt(max(0.0, self.squares / n - mean**2) / (n - 1)) if n > 1 else 0.0
        metrics = {
            "accuracy": {"name": "accuracy", "value": mean},
            "stderr": {"name": "stderr", "value": error},
        }
        score = {"name": SCORER, "scorer": SCORER, "metrics": metrics}
        return {"total_samples": n, "completed_samples": n, "scores": [score]}


def sample(trajectory: Trajectory) -> dict[str, Any]:
    """Give a trajectory as a sample of a log; what the judge says of it stays with us."""
    spoken = [_message(one, trajectory) for one in messages(trajectory)]
    model = trajectory.player.model or trajectory.player.name
    last = next((one for one in reversed(spoken) if one["role"] == "assistant"), None)
    return {
        "id": trajectory.task.id,
        "epoch": trajectory.attempt,
        "input": trajectory.opening,
        "target": "",
        "messages": spoken,
        "output": {
            "model": model,
            "choices": [{"message": last, "stop_reason": "stop"}] if last else [],
        },
        "scores": {
            SCORER: {
                "value": trajectory.reward,
                "answer": trajectory.judgement.code,
                "metadata": {"ending": trajectory.ending},
            }
        },
        "metadata": labels(trajectory),
        "total_time": trajectory.wall_s,
        "started_at": trajectory.began,
        "completed_at": _end(trajectory),
        "model_usage": {f"taskkit/{model}": _usage(trajectory)},
    }


def _message(message: dict[str, Any], trajectory: Trajectory) -> dict[str, Any]:
    """Give a message of the conversation in Inspect's form."""
    made = {"role": message["role"], "content": message["content"] or ""}
    if message["role"] == "tool":
        made["tool_call_id"] = message["tool_call_id"]
    if message.get("tool_calls"):
        by_id = {step.call: step for group in exchanges(trajectory.steps) for step in group}
        made["tool_calls"] = [
            {
                "id": call["id"],
                "function": call["function"]["name"],
                "arguments": _arguments(by_id[call["id"]].action, call["function"]["arguments"]),
                "type": "function",
            }
            for call in message["tool_calls"]
        ]
    return made


def _arguments(action: Any, raw: str) -> dict[str, Any]:
    if isinstance(action, dict):
        return {name: value for name, value in action.items() if name != "action"}
    return {"arguments": raw}


def _usage(trajectory: Trajectory) -> dict[str, int]:
    used = trajectory.tokens
    return {
        "input_tokens": used.input,
        "output_tokens": used.output,
        "total_tokens": used.input + used.output,
    }


def _end(trajectory: Trajectory) -> str:
    began = datetime.fromisoformat(trajectory.began)
    return (began + timedelta(seconds=trajectory.wall_s)).isoformat(timespec="milliseconds")
