"""Carry out what the probes try on an instance, and say what was rewarded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from taskkit.audit.finding import Finding
from taskkit.audit.probe import Answer, Attempt, Guess, Probe, Session, Subject, Submission
from taskkit.errors import PluginError, SandboxError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.play.bench import EvidenceMaker
from taskkit.play.episode import Episode
from taskkit.play.stage import Stage
from taskkit.sandbox.protocol import Outcome, Pending, Program
from taskkit.sandbox.service import Running
from taskkit.spec.action import Terminal
from taskkit.spec.environment import Limits
from taskkit.spec.task import TaskSpec

SHOWN = 400  # characters of an answer or program kept as evidence
MOST = 10_000  # programs of an instance; no probe has as many


@dataclass
class Attacked:
    """What came of attacking one instance."""

    spec: TaskSpec
    findings: list[Finding] = field(default_factory=list)
    attempts: int = 0
    guesses: list[str] = field(default_factory=list)
    """Rules whose guess was right."""
    programs: list[tuple[Probe, Submission]] = field(default_factory=list)
    """Those that are still to be played."""


class Attack:
    """Plays probes against instances, on a stage like any agent's."""

    def __init__(self, stage: Stage, probes: Iterable[Probe], *, isolated: bool) -> None:
        """Attack with these probes.

        Args:
            isolated: The sandbox isolates programs; where it does not, all can be seen, and
                looking for it says nothing.
        """
        self._stage, self._isolated = stage, isolated
        self._probes = tuple(probes)

    def begin(self, spec: TaskSpec, *, sampled: bool) -> Attacked:
        """Try every probe on an instance, but for the programs that `finish` plays.

        Args:
            sampled: Try those too that are played on a sample only.

        Raises:
            SandboxError: the sandbox failed; says nothing about the instance.
        """
        subject, made = Subject.of(spec), Attacked(spec)
        for probe, attempt in self._attempts(subject, sampled=sampled):
            made.attempts += 1
            if isinstance(attempt, Submission):
                made.programs.append((probe, attempt))
            elif isinstance(attempt, Guess):
                if right(spec, attempt.answer, self._stage.bench(spec).evidence):
                    made.guesses.append(attempt.rule)
            elif isinstance(attempt, Session) and attempt.tells and not self._isolated:
                continue
            elif found := self._one(probe, attempt, spec):
                made.findings.append(found)
        return made

    def finish(self, several: Iterable[Attacked]) -> None:
        """Play the programs of several instances, each judged by itself.

        Those of one environment share a session: they hand in nothing, or what fails.

        Raises:
            SandboxError: the sandbox failed, over one of them; all can be played again.
        """
        waiting = [one for one in several if one.programs]
        found: list[tuple[Attacked, list[Finding]]] = []
        for _, members in groupby(waiting, lambda one: _place(one.spec)):
            found += self._together(list(members))
        for one, findings in found:
            one.findings += findings

    def _attempts(self, subject: Subject, *, sampled: bool) -> Iterator[tuple[Probe, Attempt]]:
        for probe in self._probes:
            if sampled or probe.pace == "every":
                for attempt in probe.attempts(subject):
                    if not isinstance(attempt, Attempt):
                        kinds = "an Answer, Submission, Session or Guess"
                        raise PluginError(f"probe {probe.name}: gave {attempt!r:.80}: need {kinds}")
                    yield probe, attempt

    def _one(self, probe: Probe, attempt: Answer | Session, spec: TaskSpec) -> Finding | None:
        if isinstance(attempt, Answer):
            if not right(spec, attempt, self._stage.bench(spec).evidence):
                return None
            document = (attempt.document or b"").decode("utf-8", "replace")
            return Finding(probe.code, probe.name, f"{attempt.what}: rewarded", document[:SHOWN])
        return self._session(probe, attempt, spec)

    def _session(self, probe: Probe, session: Session, spec: TaskSpec) -> Finding | None:
        played = session.spec or spec
        alive = session.actions or played.environment.services
        with self._stage.episode(played) if alive else _idle(played) as episode:
            for action in session.actions:
                if episode.done:
                    break
                episode.step(action)
            told = episode.outcome.stdout if session.tells and episode.outcome else ""
            if session.tells and session.tells in told:
                return Finding(probe.code, probe.name, session.what, told[:SHOWN])
            if not session.tells and episode.reward:
                return Finding(probe.code, probe.name, f"{session.what}: rewarded")
        return None

    def _together(self, several: list[Attacked]) -> Iterator[tuple[Attacked, list[Finding]]]:
        """Play the programs of instances of one environment, one after the other."""
        open_ended = {"max_steps": MOST, "max_submissions": MOST, "feedback": "none"}
        specs = [one.spec.model_copy(update=open_ended) for one in several]
        with self._stage.episodes(specs, one_session=True) as episodes:
            for one, episode in zip(several, episodes, strict=True):
                yield one, list(_rewarded(episode, one.programs))


def _place(spec: TaskSpec) -> Hashable:
    return spec.environment.image, spec.environment.assets


def _rewarded(episode: Episode, programs: Iterable[tuple[Probe, Submission]]) -> Iterator[Finding]:
    """Play programs; tell of those whose answer is rewarded."""
    for probe, attempt in programs:
        episode.step(attempt.action)
        if episode.reward:
            action = attempt.action
            code = action.command if isinstance(action, Terminal) else action.code
            yield Finding(probe.code, probe.name, f"{attempt.what}: rewarded", code[:SHOWN])


class _Unused:
    """The session of an agent that runs nothing: no sandbox is needed."""

    services: Mapping[str, Running] = MappingProxyType({})

    def begin(self, program: Program, limits: Limits) -> Pending:
        raise SandboxError(f"{program.language}: a program in an episode without actions")

    def run(self, program: Program, limits: Limits) -> Outcome:
        return self.begin(program, limits).outcome()


@contextmanager
def _idle(spec: TaskSpec) -> Iterator[Episode]:
    yield Episode(spec, _Unused())


def right(spec: TaskSpec, answer: Answer, witness: EvidenceMaker | None = None) -> bool:
    """Whether the oracle takes a document for the answer.

    Args:
        witness: Makes the evidence; without it the judge has no files and no sandbox.
    """
    return judge(spec, (witness or Evidence)(answer.document, answer.origin)).reward > 0
