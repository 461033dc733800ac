"""What can be seen without running anything: clocks and chance in the text, rounding noise."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from taskkit.audit.attack import right
from taskkit.audit.finding import Finding
from taskkit.audit.probe import Answer
from taskkit.oracles.judge import expected
from taskkit.spec.action import CodeExecution, Terminal
from taskkit.spec.task import TaskSpec

PROBE = "determinism"
NOISE = 1e-9  # relative; far above what summing in another order gives, far below any meaning
CLOCK_CALLS = frozenset(
    (
        *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("random.random", "random.choice", "random.randint", "random.sample", "random.shuffle"),
        *("random.rand", "random.randn", "uuid.uuid4", "os.urandom"),
    )
)
CLOCK_WORDS = ("$(date", "`date", "$RANDOM", "/dev/urandom")


def static(spec: TaskSpec) -> Iterator[Finding]:
    """Find what can be seen without running anything: clocks, chance, a tolerance too small."""
    for step in spec.reference.steps:
        if isinstance(step, Terminal):
            yield from clock_finding([word for word in CLOCK_WORDS if word in step.command])
        elif isinstance(step, CodeExecution) and step.language == "python":
            yield from clock_finding(python_clocks(step.code))
    value = expected(spec)
    if value is not None:
        noisy = stirred(value)
        if (
            noisy != value
            and right(spec, Answer.value("value", value))  # else it is not the value alone
            and not right(spec, Answer.value("noise", noisy))
        ):
            yield Finding("float_noise", PROBE, f"{noisy!r} is wrong, {value!r} is right")


def clock_finding(found: Sequence[str]) -> Iterator[Finding]:
    """Tell of what a reference reads of the clock or of chance; nothing where it reads none."""
    if found:
        yield Finding("clock_dependent", PROBE, f"the reference uses {', '.join(found)}")


def python_clocks(code: str) -> list[str]:
    """Give what a program calls of the clock or of chance, unless it sets the seed."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return []
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if any(call.endswith((".seed", "default_rng")) for call in calls):
        calls = {call for call in calls if "random" not in call}
    return sorted(
        call
        for call in calls
        if any(call == one or call.endswith(f".{one}") for one in CLOCK_CALLS)
    )


def stirred(value: JsonValue) -> JsonValue:
    """Give a value with noise on every number that is no whole one."""
    if isinstance(value, list):
        return [stirred(item) for item in value]
    if isinstance(value, float) and not value.is_integer():
        return value * (1 + NOISE)
    if isinstance(value, dict):
        return {name: stirred(item) for name, item in value.items()}
    return value
