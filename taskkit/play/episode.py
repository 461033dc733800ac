"""One run of a task: actions in, observations out, a verdict at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from taskkit.errors import UsageError
from taskkit.oracles.evidence import Change, Evidence, Origin
from taskkit.oracles.judge import judge
from taskkit.oracles.verdict import Verdict
from taskkit.play.action import AnyAction, RefusedError, read, recorded
from taskkit.play.bench import Bench
from taskkit.play.debugging import NOTHING, UNFIT, WELL, explain
from taskkit.play.guide import Failure, Guide, shortened
from taskkit.play.observation import Observation, ObservationStatus, capped, report
from taskkit.play.opening import offers, opening
from taskkit.sandbox.protocol import Outcome, Pending, Program, Session
from taskkit.spec.action import CodeExecution, RequestInfo, Terminal
from taskkit.spec.answer import FileAnswer
from taskkit.spec.task import TaskSpec, Turn
from taskkit.spec.wording import describe

MISSING = Verdict("missing", "no answer was submitted")


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer that was handed in."""

    verdict: Verdict
    document: bytes | None
    """What was judged; None where the program failed or left nothing."""
    origin: Origin
    turn: int = 0
    """Which turn of a dialogue it answered, from 0."""
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    """What it had changed in services, by their names."""

    @property
    def evidence(self) -> Evidence:
        """What was judged, without the means to look further."""
        return Evidence(self.document, self.origin, self.changes)


class Episode:
    """A task being worked on in one fresh session of a sandbox.

    The turns of a dialogue share the session: what a program left in /workspace is still there.
    A turn is over when its answers are used up, or one was found right and told; the observation
    that says so ends with the next question.
    """

    def __init__(
        self,
        spec: TaskSpec,
        session: Session,
        guides: Sequence[Guide] = (),
        *,
        document: Callable[[str], str] | None = None,
        bench: Bench | None = None,
        asking: AbstractContextManager[object] | None = None,
    ) -> None:
        """Start an episode.

        Args:
            guides: What answers questions about the task's data.
            document: Gives the text of a context document by its sha256.
            bench: Makes the evidence for judges; without one they have no files and no sandbox.
            asking: Held while guides are asked, since episodes of other threads may share them.
        """
        self.spec = spec
        self.steps = 0
        self.turn = 0
        """The turn being worked on, from 0; the number of turns where all are over."""
        self.submissions: list[Submission] = []
        self.outcome: Outcome | None = None
        """How the last program ended."""
        self._session = session
        self._guides = tuple(guides)
        self._asking = asking or nullcontext()
        self._bench = bench
        self._document = document
        self._last = self._failed = Failure()
        self._record: list[tuple[AnyAction | str, Observation]] = []
        self._begun: tuple[AnyAction | str, Callable[[], tuple[str, ObservationStatus]]] | None
        self._begun = None

    @property
    def done(self) -> bool:
        """The episode is over: an answer was accepted, or the answers or steps are used up."""
        return self.answered or self.steps >= self.spec.max_steps

    @property
    def topics(self) -> tuple[str, ...]:
        """What `request_info` may be asked about."""
        return tuple(dict.fromkeys(topic for guide in self._guides for topic in guide.topics))

    @property
    def offers(self) -> list[str]:
        """The actions that the task allows, each with an example."""
        return offers(self.spec, self._guides)

    @property
    def begun(self) -> bool:
        """An action was begun and is not finished."""
        return self._begun is not None

    @property
    def answered(self) -> bool:
        """No answer can follow: every turn is over."""
        return self.turn >= len(self.spec.dialogue)

    @property
    def answers(self) -> dict[int, Submission]:
        """The last answer of each turn that has one."""
        return {one.turn: one for one in self.submissions}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The judgement of each turn's last answer; `missing` where there is none."""
        answers = self.answers
        return tuple(
            answers[number].verdict if number in answers else MISSING
            for number in range(len(self.spec.dialogue))
        )

    @property
    def verdict(self) -> Verdict:
        """The judgement of the whole: that of the first turn that is not right, else of the last.

        One turn right of several earns nothing: its answer may be a guess.
        """
        verdicts = self.verdicts
        return next((one for one in verdicts if one.code != "right"), verdicts[-1])

    @property
    def rewards(self) -> tuple[float, ...]:
        """1.0 or 0.0 for each turn, for whoever trains on single turns."""
        return tuple(one.reward for one in self.verdicts)

    @property
    def reward(self) -> float:
        """1.0 where the last answer of every turn is right, else 0.0."""
        return self.verdict.reward

    @property
    def trajectory(self) -> list[dict[str, Any]]:
        """Every action with its observation, as JSON values."""
        return [
            {
                "action": action if isinstance(action, str) else action.model_dump(mode="json"),
                "observation": observation.as_json(),
            }
            for action, observation in self._record
        ]

    def reset(self) -> Observation:
        """Give the opening: instruction, documents, actions and limits.

        Raises:
            UsageError: steps were taken; a fresh start needs a fresh session.
        """
        if self.steps:
            raise UsageError("the episode has begun: open a new one for a fresh start")
        return self._observe(opening(self.spec, self._document, self._guides), "ok")

    def step(self, action: AnyAction | Mapping[str, Any] | str | bytes) -> Observation:
        """Carry out one action, given as a model, a mapping or JSON text.

        Raises:
            UsageError: the episode is over, or its last action is not.
            SandboxError: the sandbox failed; the episode is void.
        """
        self.begin(action)
        return self.finish()

    def begin(self, action: AnyAction | Mapping[str, Any] | str | bytes) -> None:
        """Begin an action; `finish` waits for its end.

        Raises:
            UsageError: the episode is over, or its last action is not.
            SandboxError: the sandbox failed; the episode is void.
        """
        if self.begun:
            raise UsageError("an action was begun: finish it before the next")
        if self.done:
            raise UsageError("the episode is over: open a new one")
        made: AnyAction | str = recorded(action)
        finish: Callable[[], tuple[str, ObservationStatus]]
        try:
            made = self._admit(action)
            finish = self._act(made)
        except RefusedError as refusal:
            finish = partial(self._refuse, str(refusal))
        self._begun = made, finish

    def finish(self) -> Observation:
        """Wait for the action that was begun, and give what came of it.

        Raises:
            UsageError: none was begun.
            SandboxError: the sandbox failed; the episode is void.
            InternalError: a service met a bug of taskkit; the episode is void.
        """
        if self._begun is None:
            raise UsageError("no action was begun: begin one")
        (made, finish), self._begun = self._begun, None
        before = len(self.submissions)
        text, status = finish()
        self.steps += 1
        if self.done and not self.answered:  # no answer was judged, but a service may have failed
            self._changes()
        observation = self._observe(text, status, submitted=len(self.submissions) > before)
        self._record.append((made, observation))
        return observation

    def _refuse(self, why: str) -> tuple[str, ObservationStatus]:
        self._last = self._failed = Failure(why, status="refused")
        return why, "refused"

    def _admit(self, action: AnyAction | Mapping[str, Any] | str | bytes) -> AnyAction:
        """Read an action, and check that the task allows it."""
        made = action if isinstance(action, AnyAction) else read(action)
        if made.action not in self.spec.actions:
            allowed = ", ".join(self.spec.actions)
            raise RefusedError(f"{made.action} is not allowed in this task: use {allowed}")
        return made

    def _act(self, action: AnyAction) -> Callable[[], tuple[str, ObservationStatus]]:
        """Begin an admitted action; give what waits for its end."""
        if isinstance(action, CodeExecution | Terminal):
            program = self._program(action)
            pending = self._session.begin(program, self.spec.environment.limits)
            return partial(self._end, program, pending, submit=action.submit)
        if isinstance(action, RequestInfo):
            with self._asking:
                answer = capped(self._informed(action))
        else:
            with self._asking:
                answer = capped(self._explain(action.error))
        return lambda: (answer, "ok")

    def _informed(self, request: RequestInfo) -> str:
        """Have the guide answer whose topic it is."""
        for guide in self._guides:
            if request.about in guide.topics:
                return guide.answer(request)
        if not self.topics:
            raise RefusedError("this task has no data to ask about")
        known = ", ".join(self.topics)
        raise RefusedError(f"this task has no {request.about} to ask about: use {known}")

    def _explain(self, error: str | None) -> str:
        """Explain the error given, or else what is odd about the last program.

        An error that a later program has left behind is not explained again.
        """
        last = self._last
        if error is not None:
            last = Failure(shortened(error), self._failed.program, "error")
        made = explain(last, self._guides, self.spec.environment)
        if made is not None:
            return made
        return NOTHING if last.program is None else WELL

    def _end(
        self, program: Program, pending: Pending, *, submit: bool
    ) -> tuple[str, ObservationStatus]:
        """Wait for a program, and take its answer where it submits one."""
        outcome = pending.outcome()
        self.outcome = outcome
        text = report(outcome)
        self._last = Failure.of(program, outcome)
        if outcome.status != "ok":
            self._failed = self._last
        if submit:
            self._submit(program, outcome)
            text = f"{text}\n{self._receipt()}"
        return text, outcome.status

    def _program(self, action: CodeExecution | Terminal) -> Program:
        """Make the program that an action asks for."""
        answer = self._asked.answer
        file = answer.path if action.submit and isinstance(answer, FileAnswer) else None
        if isinstance(action, Terminal):
            return Program("shell", action.command, collect=action.submit, file=file)
        database = self.spec.environment.database
        if action.language == "python":
            return Program("python", action.code, collect=action.submit, file=file)
        if database is None:
            raise RefusedError("this task has no database: SQL has nothing to run on")
        return Program("sql", action.code, database=database, collect=action.submit, file=file)

    def _submit(self, program: Program, outcome: Outcome) -> None:
        """Judge what a program left; one that failed left nothing, whatever it printed."""
        document = outcome.document if outcome.status == "ok" else None
        changes = self._changes()
        if self._bench is None:
            evidence = Evidence(document, program.language, changes)
        else:
            evidence = self._bench.evidence(document, program.language, changes)
        verdict = judge(self._asked, evidence)
        made = Submission(verdict, document, program.language, self.turn, changes)
        self.submissions.append(made)
        if outcome.status == "ok" and verdict.code in UNFIT:
            unfit = f"{UNFIT[verdict.code]} {describe(self._asked.answer)}"
            self._last = replace(self._last, unfit=unfit)

    def _changes(self) -> dict[str, Sequence[Change]]:
        """Read what is not as it was in the services of the episode."""
        if not self.spec.environment.services:
            return {}
        return {name: one.changes() for name, one in self._session.services.items()}

    @property
    def _asked(self) -> TaskSpec | Turn:
        """The turn being worked on; the last one where all are over."""
        return self.spec.dialogue[min(self.turn, len(self.spec.turns))]

    @property
    def _left(self) -> int:
        """Answers left in this turn; none where all turns are over."""
        if self.answered:
            return 0
        used = sum(one.turn == self.turn for one in self.submissions)
        return self.spec.max_submissions - used

    def _receipt(self) -> str:
        """Tell the agent what became of its answer, and ask what comes next."""
        last, left = self.submissions[-1], self._left
        if self.spec.feedback == "each":
            text = f"[Your answer is {disclosed(last.verdict)}.]"
        elif last.document is None:
            text = f"[No answer was found; {left} left.]"
        else:
            text = f"[Your answer was received; {left} left.]"
        if left == 0 or (self.spec.feedback == "each" and last.verdict.code == "right"):
            self.turn += 1
            if not self.answered:
                number, of = self.turn + 1, len(self.spec.dialogue)
                text = f"{text}\n\n# Question {number} of {of}\n\n{self._asked.instruction}"
        return text

    def _observe(
        self, text: str, status: ObservationStatus, *, submitted: bool = False
    ) -> Observation:
        """Make the observation of the state as it is now."""
        spec = self.spec
        return Observation(
            text=text,
            status=status,
            done=self.done,
            steps_left=spec.max_steps - self.steps,
            submissions_left=self._left,
            verdict=disclosed(self.submissions[-1].verdict)
            if submitted and spec.feedback == "each"
            else None,
        )


def disclosed(verdict: Verdict) -> Literal["right", "wrong"]:
    """Give as much of a verdict as the agent may know."""
    return "right" if verdict.code == "right" else "wrong"
