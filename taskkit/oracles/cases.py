"""Call a submitted function on hidden inputs, or run it in a hidden context."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, model_validator

from taskkit.oracles import calls
from taskkit.oracles.comparison import Comparison, lines, same
from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.evidence import Evidence, Ran
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures, Judge
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import CodeAnswer, FileAnswer
from taskkit.spec.base import Many, Spec
from taskkit.spec.oracle import Oracle

MARKER = "<<insert solution here>>"
MAX_SOURCE = 256 * 1024  # characters of a submission
SPARE_S = 10.0  # beside the calls: starting, importing
OUTPUT_KIB = 16384  # of all results of a submission together
CONSTANTS = ("None", "0", "''", "[]", "{}", "True")
Outcome = tuple[str, str]
"""How a call ended, and with what."""


class Call(Spec):
    """One call of the function."""

    arguments: str
    """JSON list of the arguments, in order."""
    expected: str | None = None
    """JSON text of the right result."""
    raises: str | None = None
    """Name of the exception that is right in place of a result; one derived from it is as well."""
    compare: Comparison | None = None
    """How results are compared, where not as the oracle says."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.expected is None) == (self.raises is None):
            raise ValueError("need one of `expected` and `raises`")
        if not isinstance(json.loads(self.arguments), list):
            raise ValueError("arguments: need a JSON list")
        if self.expected is not None:
            json.loads(self.expected)
        return self


class Context(Spec):
    """A program around the submission, which prints what is right."""

    program: str
    """Python with one line that holds nothing but `<<insert solution here>>`, perhaps indented."""
    stdout: str = Field(min_length=1)
    """What it must print."""


class CasesOracle(Oracle):
    """Accept source that gives the right result in every case."""

    kind: Literal["cases"]
    function: str | None = None
    """The function that is called."""
    calls: Many[Call] = ()
    """The hidden calls."""
    visible: Many[Call] = ()
    """The calls that the task shows; they are judged as well."""
    contexts: Many[Context] = ()
    """Programs that are run with the submission in them."""
    compare: Comparison = "exact"
    """How results, or what is printed, are compared."""
    call_s: float = Field(default=2.0, gt=0, le=600)
    """Seconds that one call, or one program, may take."""

    @model_validator(mode="after")
    def _has_cases(self) -> Self:
        if not self.calls and not self.contexts:
            raise ValueError("need calls or contexts")
        if bool(self.calls or self.visible) != bool(self.function):
            raise ValueError("function: need the function of the calls, and none without calls")
        return self


@dataclass(frozen=True)
class _Submission:
    """Source to be judged, and the means to run it."""

    source: str
    oracle: CasesOracle
    evidence: Evidence

    def judged(self) -> list[bool]:
        """Whether it is right in each case: the calls shown, the hidden ones, the contexts."""
        every = [*self.oracle.visible, *self.oracle.calls]
        right = self._calls(every) if every else []
        return right + [self._context(one) for one in self.oracle.contexts]

    def _calls(self, every: Sequence[Call]) -> list[bool]:
        """Make all calls in one process; where some are wrong, those again in their own.

        What one call leaves behind cannot make another one wrong then. As soon as a call is wrong
        by itself, the others need no second try: there is no reward to earn.
        """
        right = self._right(every, apart=False)
        wrong = [at for at, good in enumerate(right) if not good]
        for several in (wrong[:1], wrong[1:]) if any(right) else ():
            again = self._right([every[at] for at in several], apart=True) if several else []
            for at, good in zip(several, again, strict=True):
                right[at] = good
            if not all(again):
                break
        return right

    def _right(self, several: Sequence[Call], *, apart: bool) -> list[bool]:
        found = outcomes(self.evidence, self.source, self.oracle, several, apart=apart)
        return [met(one, self.oracle, out) for one, out in zip(several, found, strict=True)]

    def _context(self, context: Context) -> bool:
        code = spliced(context.program, self.source)
        ran = self.evidence.run(code, collect=False, wall_s=self.oracle.call_s)
        if ran.status != "ok":
            return False
        if self.oracle.compare == "exact":
            return lines(context.stdout, ran.stdout)
        return same(self.oracle.compare, context.stdout, ran.stdout)


class CasesJudge(Judge[CasesOracle]):
    """Runs source on cases, and compares outside of its process."""

    model: ClassVar[type[CasesOracle]] = CasesOracle

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Judge source; the reward is for all cases, the share of right ones is reported."""
        if evidence.document is None:
            return Verdict("missing", "no answer was left")
        try:
            source = submitted(asked, evidence.document)
            compile(source, "<submission>", "exec", dont_inherit=True)
        except MalformedError as error:
            return Verdict("malformed", str(error))
        except TypeError as error:
            return Verdict("wrong_type", str(error))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if asked.oracle.function is not None:  # what goes into a context may be a part
                return Verdict("malformed", f"no Python: {error}")
        right = _Submission(source, asked.oracle, evidence).judged()
        share = sum(right) / len(right)
        told = f"{sum(right)} of {len(right)} cases are right"
        if all(right):
            return Verdict("right", told, share)
        return Verdict("wrong", f"{told}; the first that is not: {right.index(False)}", share)

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check that source is asked for, that hidden cases are not shown, and the contexts."""
        answer, oracle = asked.answer, asked.oracle
        if not isinstance(answer, CodeAnswer | FileAnswer):
            yield Fault(("answer", "kind"), answer.kind, "need `code` or `file` for oracle `cases`")
        other = isinstance(answer, CodeAnswer) and answer.function != oracle.function
        if other and oracle.function is not None:
            remedy = f"need the oracle's, {oracle.function!r}"
            yield Fault(("answer", "function"), "another function", remedy)
        shown = {one.arguments for one in oracle.visible}
        for number, one in enumerate(oracle.calls):
            if one.arguments in shown:
                message = "its arguments are shown"
                yield Fault(("oracle", "calls", number), message, "need hidden ones")
        for number, one in enumerate(oracle.contexts):
            lines_ = [line.strip() for line in one.program.splitlines()]
            if lines_.count(MARKER) != 1:
                message = f"{lines_.count(MARKER)} lines with {MARKER}"
                yield Fault(("oracle", "contexts", number, "program"), message, "need one")

    def guesses(self, asked: Asked) -> Iterator[tuple[str, bytes]]:
        """Give trivial bodies: nothing, an argument, a constant, and the shown calls by heart."""
        for rule, source in trivial(asked.oracle):
            yield rule, submission(asked, source)

    def fixtures(self) -> Fixtures:
        """Give a function that counts Gs, with a forged report and leftovers among the answers."""
        answer = CodeAnswer(kind="code", function="count_g")
        shown = Call(arguments='["GAG"]', expected="2")
        hidden = [Call(arguments=json.dumps(["G" * n + "A"]), expected=str(n)) for n in range(5)]
        oracle = CasesOracle(
            kind="cases", function="count_g", calls=tuple(hidden), visible=(shown,)
        )
        asked = Example(answer, oracle)

        def case(source: str, reward: float) -> Case:
            return Case(asked, Evidence(json.dumps(source).encode(), run=_here), reward)

        head = "def count_g(s):\n    "
        return Fixtures(
            full=[
                case(head + "return s.count('G')", 1.0),
                case(head + "return s.count('G') * 1.0", 1.0),
            ],
            zero=[case(head + body, 0.0) for body in WRONG_BODIES],
            malformed=[
                case("def count_g(s) return 1", 0.0),
                Case(asked, Evidence(b"[1]"), 0.0),
                Case(asked, Evidence(b"def"), 0.0),
                Case(asked, Evidence(None), 0.0),
            ],
        )


WRONG_BODIES = (
    "pass",
    "return str(s.count('G'))",
    "return 2",
    "import os; os._exit(0)",
    "raise SystemExit(0)",
    "return type('Any', (), {'__eq__': lambda *_: True})()",
)
"""Of functions that count nothing: among them such that end their process, or equal everything."""


def outcomes(
    evidence: Evidence,
    source: str,
    oracle: CasesOracle,
    several: Sequence[Call],
    *,
    apart: bool = False,
) -> list[Outcome]:
    """Run a submission's function on calls; what comes back is untrusted, and of that length."""
    inputs = [one.arguments for one in several]
    wanted = (source, oracle.function, inputs, oracle.call_s)
    code = f"{_caller()}\nanswer = outcomes(*json.loads({json.dumps(wanted)!r}), apart={apart})\n"
    wall_s = SPARE_S + oracle.call_s * (calls.MAX_LATE + len(several) / 4)
    ran = evidence.run(code, wall_s=wall_s, output_kib=OUTPUT_KIB)
    nothing: list[Outcome] = [("ended", ran.status)] * len(several)
    if ran.document is None:
        return nothing
    try:
        found = [(str(kind), str(said)) for kind, said in json.loads(ran.document)]
    except (ValueError, TypeError):
        return nothing
    return found if len(found) == len(several) else nothing


def met(call: Call, oracle: CasesOracle, outcome: Outcome) -> bool:
    """Whether an outcome is the one that a call must have."""
    kind, said = outcome
    if call.raises is not None:
        return kind == "raised" and call.raises in said.split()
    if kind != "value":
        return False
    try:
        given = parse(said.encode())
    except MalformedError:
        return False
    assert call.expected is not None  # or it had `raises`
    return same(call.compare or oracle.compare, json.loads(call.expected), given)


def submitted(asked: Asked, document: bytes) -> str:
    """Give the source that an answer document holds.

    Raises:
        MalformedError: it is no text, or too long.
        TypeError: it is JSON, but no text.
    """
    if isinstance(asked.answer, FileAnswer):
        try:
            value: JsonValue = document.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedError(f"no UTF-8 at byte {error.start}") from None
    else:
        value = parse(document)
    if not isinstance(value, str):
        raise TypeError("no text, need the source as one text")
    if len(value) > MAX_SOURCE:
        raise MalformedError(f"{len(value)} characters, at most {MAX_SOURCE} are read")
    return value


def submission(asked: Asked, source: str) -> bytes:
    """Give the answer document that hands in source."""
    if isinstance(asked.answer, FileAnswer):
        return source.encode()
    return json.dumps(source, ensure_ascii=False).encode()


def spliced(program: str, source: str) -> str:
    """Put source in the place of the marker's line, indented as that is."""
    made = []
    for line in program.splitlines():
        if line.strip() != MARKER:
            made.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        made += [indent + one if one.strip() else one for one in source.splitlines()]
    return "\n".join(made) + "\n"


def trivial(oracle: CasesOracle) -> Iterator[tuple[str, str]]:
    """Give source that solves nothing, each with its name."""
    if oracle.function is None:
        yield "nothing", ""
        return
    head = f"def {oracle.function}(*given):\n    "
    yield "the first argument", f"{head}return given[0] if given else None\n"
    constants = [
        *CONSTANTS,
        *{repr(json.loads(one.expected)) for one in oracle.visible if one.expected},
    ]
    for constant in sorted(constants):
        yield (
            f"always {constant}"[:60] if constant in CONSTANTS else "always as shown",
            (f"{head}return {constant}\n"),
        )
    yield "always ValueError", f"{head}raise ValueError\n"
    shown = [
        (json.loads(one.arguments), json.loads(one.expected))
        for one in oracle.visible
        if one.expected is not None
    ]
    yield (
        "by heart",
        f"{head}return dict((repr(k), v) for k, v in {shown!r}).get(repr(list(given)))\n",
    )


@cache
def _caller() -> str:
    return inspect.getsource(calls)


@dataclass(frozen=True)
class _Outcome:
    status: str
    stdout: str = ""
    stderr: str = ""
    document: bytes | None = None


def _here(code: str, **_: Any) -> Ran:
    """Run a program of the judge in this process; for the kind's own fixtures, never for others."""
    scope: dict[str, Any] = {"__name__": "judge"}
    exec(compile(code, "<judge>", "exec"), scope)  # noqa: S102 # our own text, which forks
    return _Outcome("ok", document=json.dumps(scope["answer"]).encode())
