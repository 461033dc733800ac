"""References played where hash seed, time zone, locale and day are others than usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from zlib import crc32

from taskkit.agents.reference import play
from taskkit.audit.finding import Finding, InstanceCode
from taskkit.clock import clock
from taskkit.play.stage import Stage
from taskkit.sandbox.conditions import FIXED, Conditions, other_locale
from taskkit.spec.action import CodeExecution, RequestInfo
from taskkit.spec.task import TaskSpec

PROBE = "elsewhere"
EAST = "<+1345>-13:45"  # offsets of no whole hour, on both sides of midnight
WEST = "<-0930>+9:30"
QUERIES = 10  # one reference that is nothing but queries in so many is played
TIMELY = ("now", "current_", "localtime", "random", "strftime")
"""What a query may hold to depend on more than its data; those that do are always played."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a reference gave under some conditions."""

    right: bool
    digest: str | None


def conditions() -> tuple[Conditions, ...]:
    """Give what every chosen reference is played under: all that can be varied, twice."""
    other = other_locale()
    return (
        Conditions(hash_seed=1, time_zone=EAST, locale=other, days=200),  # another weekday, too
        Conditions(hash_seed=4242, time_zone=WEST, locale="POSIX", days=-9000),
    )


class Elsewhere:
    """Plays references under other conditions, on stages of their own."""

    def __init__(self, stage: Callable[[Conditions], Stage]) -> None:
        """Make stages by ``stage``, when they are needed."""
        self._make = stage
        self._stages: dict[Conditions, Stage] = {}

    def findings(self, spec: TaskSpec) -> Iterator[Finding]:
        """Find out whether the reference gives another answer elsewhere."""
        if not chosen(spec):
            return
        found = {one: self._play(spec, one) for one in conditions()}
        first, second = found.values()
        if first == second and first.right:
            return
        usual = self._play(spec, FIXED)
        if not usual.right:
            return  # it does not solve its task anywhere: verify says so
        if usual != self._play(spec, FIXED):
            yield _finding("clock_dependent", "another answer each time it is played")
            return
        for there, given in found.items():
            if given != usual:
                yield self._blame(spec, there, usual)
                return

    def _blame(self, spec: TaskSpec, there: Conditions, usual: Answered) -> Finding:
        """Name the one condition that makes the difference."""
        singles: tuple[tuple[str, InstanceCode, Conditions], ...] = (
            ("on another day", "clock_dependent", replace(FIXED, days=there.days)),
            (
                "in another time zone",
                "environment_dependent",
                replace(FIXED, time_zone=there.time_zone),
            ),
            (
                "with another hash seed",
                "environment_dependent",
                replace(FIXED, hash_seed=there.hash_seed),
            ),
            ("in another locale", "environment_dependent", replace(FIXED, locale=there.locale)),
        )
        for what, code, single in singles:
            if single != FIXED and self._play(spec, single) != usual:
                return _finding(code, f"another answer {what}: {single}")
        return _finding("environment_dependent", f"another answer under {there}")

    def _play(self, spec: TaskSpec, there: Conditions) -> Answered:
        if there not in self._stages:
            self._stages[there] = self._make(there)
        with self._stages[there].episode(spec) as episode:
            played = play(spec, episode)
        failed = played.outcome is not None and played.outcome.status != "ok"
        return Answered(played.verdict.reward == 1.0 and not failed, played.digest)

    def close(self) -> None:
        """End the warm sandboxes."""
        while self._stages:
            self._stages.popitem()[1].close()


def _finding(code: InstanceCode, detail: str) -> Finding:
    return Finding(code, PROBE, detail)


def chosen(spec: TaskSpec) -> bool:
    """Whether a reference is played: any with a program, and one query in ten, by its id."""
    for turn in spec.dialogue:
        for step in turn.reference.steps:
            if isinstance(step, RequestInfo):
                continue
            if not (isinstance(step, CodeExecution) and step.language == "sql"):
                return True
            if any(word in step.code.lower() for word in TIMELY):
                return True
    return crc32(spec.id.encode()[::-1]) % QUERIES == 0


def tried() -> str:
    """Say what is varied on this machine, for reports."""
    locales = sorted({one.locale for one in conditions()})
    day = "day" if clock() else "not the day (libfaketime is not installed)"
    return f"hash seed, time zone, locale ({', '.join(locales)}), {day}"
