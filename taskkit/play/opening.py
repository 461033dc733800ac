"""The first thing an agent is told: the task, its documents, and what it may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from taskkit.play.guide import Guide
from taskkit.sandbox.environments import libraries
from taskkit.spec.task import TaskSpec

SUBMIT = {
    "file": "the file /workspace/{path} is",
    "none": "what you have done is judged; nothing else is",
}
"""What is judged when an action submits, where it is not what the program leaves."""


def opening(
    spec: TaskSpec, document: Callable[[str], str] | None, guides: Sequence[Guide] = ()
) -> str:
    """Write the opening of an episode; it names what the task has and nothing else.

    Args:
        document: Gives the text of a document by its sha256; needed where the task has any.
        guides: What answers `request_info`.
    """
    parts = [spec.instruction]
    if document is not None:
        parts += [headed(item.name, document(item.sha256).strip()) for item in spec.context]
    parts.append("\n".join(["# Actions", "", "One JSON object each:", *offers(spec, guides)]))
    parts.append(limits(spec))
    return "\n\n".join(parts)


def offers(spec: TaskSpec, guides: Sequence[Guide]) -> list[str]:
    """List the actions that the task allows, each with an example."""
    lines = []
    if "request_info" in spec.actions:
        lines += [guide.usage for guide in guides if guide.usage]
    if "code_execution" in spec.actions:
        lines.append(code_execution(spec))
    if "terminal" in spec.actions:
        lines.append(terminal(spec))
    if "debugging" in spec.actions:
        lines.append('{"action": "debugging"} explains the last error, or the "error" you give.')
    return [f"- {line}" for line in lines]


def code_execution(spec: TaskSpec) -> str:
    """Say how programs are run, with the languages that the task has."""
    python = '{"action": "code_execution", "language": "python", "code": "..."} runs a program'
    left = submitted(spec) or "the variable `answer` of the program is"
    if spec.environment.database is None:
        return f'{python}. With "submit": true {left} your answer.'
    left = submitted(spec) or "the rows of the query, or the variable `answer` of the program, are"
    return (
        '{"action": "code_execution", "language": "sql", "code": "..."} runs one query, or a '
        f'program where "language" is "python". With "submit": true {left} your answer.'
    )


def terminal(spec: TaskSpec) -> str:
    """Say how shell commands are run."""
    left = submitted(spec) or "the file /workspace/answer.json is"
    return (
        '{"action": "terminal", "command": "..."} runs a shell command in /workspace. With '
        f'"submit": true {left} your answer.'
    )


def submitted(spec: TaskSpec) -> str:
    """Say what is judged where it is not what a program leaves; empty where it is."""
    return SUBMIT.get(spec.answer.kind, "").format(path=getattr(spec.answer, "path", ""))


def headed(title: str, text: str) -> str:
    """Put the title over a text that brings no heading of its own."""
    return text if text.startswith("# ") else f"# {title}\n\n{text}"


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
        f"- Each program: {programs.wall_s:g} s, {programs.memory_mib} MiB of memory, "
        f"{'no network' if not spec.environment.services else 'no network but the services'}."
    )
    lines += [
        f"- Service {service.name}: http://127.0.0.1:{service.port}."
        for service in spec.environment.services
    ]
    lines.append(offered(spec))
    if spec.abstention:
        lines.append('- Answer {"abstain": true} if the data cannot answer the question.')
    if spec.environment.visible:
        names = ", ".join(f"/data/{asset.name}" for asset in spec.environment.visible)
        lines.append(f"- Data, read-only: {names}.")
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}{'s' * (number != 1)}"


def offered(spec: TaskSpec) -> str:
    """Say what Python programs can import, and what is left of them for the next."""
    named = (f"{name} {version}" for name, version in libraries(spec.environment.image).items())
    beside = ", ".join(("the standard library", *named))
    return f"- Python programs have {beside}; files in /workspace last, variables do not."
