"""The first thing an agent is told: the task, its documents, and what it may do."""

from __future__ import annotations

from collections.abc import Callable

from taskkit.spec.action import ActionName
from taskkit.spec.task import TaskSpec

ACTIONS: dict[ActionName, str] = {
    "request_info": (
        '{"action": "request_info", "about": "tables"} lists the tables of the database; '
        '"about": "columns" needs a "table"; "values" needs a "table" and a "column"; '
        '"search" finds a "text" in all of them, misspelt or not.'
    ),
    "code_execution": (
        '{"action": "code_execution", "language": "sql", "code": "..."} runs one query, or a '
        'program where "language" is "python". With "submit": true the rows of the query, or '
        "the variable `answer` of the program, are your answer."
    ),
    "terminal": (
        '{"action": "terminal", "command": "..."} runs a shell command in /workspace. With '
        '"submit": true the file /workspace/answer.json is your answer.'
    ),
    "debugging": '{"action": "debugging"} explains the last error, or the "error" you give.',
}


def opening(spec: TaskSpec, document: Callable[[str], str] | None) -> str:
    """Write the opening of an episode.

    Args:
        document: Gives the text of a document by its sha256; needed where the task has any.
    """
    parts = [spec.instruction]
    if document is not None:
        parts += [headed(item.name, document(item.sha256).strip()) for item in spec.context]
    parts.append("\n".join(["# Actions", "", "One JSON object each:", *offers(spec)]))
    parts.append(limits(spec))
    return "\n\n".join(parts)


def headed(title: str, text: str) -> str:
    """Put the title over a text that brings no heading of its own."""
    return text if text.startswith("# ") else f"# {title}\n\n{text}"


def offers(spec: TaskSpec) -> list[str]:
    """List the actions that the task allows."""
    return [f"- {text}" for name, text in ACTIONS.items() if name in spec.actions]


def limits(spec: TaskSpec) -> str:
    """Write what an episode and each of its programs may use."""
    programs = spec.environment.limits
    lines = ["# Limits", "", f"- {counted(spec.max_steps, 'action')} in all."]
    if spec.turns:
        lines.append(
            f"- {len(spec.dialogue)} questions: each follows once the one before is answered, and "
            "may refer to it."
        )
    submissions = f"- {counted(spec.max_submissions, 'answer')}{' to each' * bool(spec.turns)}"
    if spec.feedback == "each":
        lines.append(f"{submissions}; you are told after each whether it is right.")
    else:
        lines.append(f"{submissions}{'; the last one counts' * (spec.max_submissions > 1)}.")
    lines.append("- A program that fails submits nothing, and uses up an answer.")
    lines.append(
        f"- Each program: {programs.wall_s:g} s, {programs.memory_mib} MiB of memory, no network."
    )
    if spec.abstention:
        lines.append('- Answer {"abstain": true} if the data cannot answer the question.')
    if spec.environment.assets:
        names = ", ".join(f"/data/{asset.name}" for asset in spec.environment.assets)
        lines.append(f"- Data, read-only: {names}.")
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}{'s' * (number != 1)}"
