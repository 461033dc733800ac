"""Several runs side by side: success with intervals and floors, by group, and differences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from taskkit.run.figures import Difference, Interval, Passes, difference, interval, passes, success
from taskkit.run.floors import Floor, Floors
from taskkit.run.results import Row, Run
from taskkit.run.suites import Suites

By = Literal["domain", "category", "split", "suite"]
BYS: tuple[By, ...] = get_args(By)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a comparison needs of an episode."""

    task: str
    attempt: int
    reward: float
    groups: tuple[tuple[str, str], ...]
    cause: str
    steps: int
    tokens: int
    cost: float | None


@dataclass(frozen=True)
class Group:
    """One group of one run's episodes."""

    run: str
    by: str
    """`all`, or what it is a group of."""
    name: str
    tasks: int
    episodes: int
    success: Interval | None
    passes: list[Passes]
    floor: Floor | None
    steps: float
    """Mean of an episode."""
    tokens: float
    """Mean of an episode."""
    cost: float | None
    """US dollars, of all; None where no price is known."""


@dataclass
class ComparedRun:
    """A run as it is compared; over several tasksets where runs of one name are given."""

    name: str
    runs: list[Run] = field(default_factory=list)
    episodes: list[Brief] = field(default_factory=list)
    void: Counter[str] = field(default_factory=Counter)
    """Episodes that say nothing, by who failed."""

    def add(self, run: Run, suites: Suites) -> None:
        """Read a run of this name."""
        self.runs.append(run)
        for row in run.rows():
            if row.done:
                self.episodes.append(brief(row, suites))
            else:
                self.void[row.standing] += 1

    def outcomes(self, episodes: Iterable[Brief] | None = None) -> dict[str, list[float]]:
        """Give the rewards of each task."""
        made: defaultdict[str, list[float]] = defaultdict(list)
        for one in self.episodes if episodes is None else episodes:
            made[one.task].append(one.reward)
        return dict(made)

    @property
    def causes(self) -> Counter[str]:
        """Episodes that were not rewarded, by cause."""
        return Counter(one.cause for one in self.episodes if one.cause)


def brief(row: Row, suites: Suites) -> Brief:
    """Give what a comparison needs of an episode."""
    groups = (
        ("domain", row.domain),
        ("category", f"{row.domain}/{row.category}"),
        ("split", row.split),
        ("suite", suites.of(row.domain, row.category) or "none"),
    )
    tokens = row.input_tokens + row.output_tokens
    return Brief(row.task, row.attempt, row.reward, groups, row.cause, row.steps, tokens, row.cost)


@dataclass
class Comparison:
    """Runs side by side; the first is what the others are compared with."""

    runs: list[ComparedRun]
    floors: Floors
    seed: int = 0

    @classmethod
    def of(cls, runs: Sequence[Run], suites: Suites) -> Comparison:
        """Read the runs and the audits of their tasksets.

        Raises:
            UsageError: a results file cannot be read.
        """
        told: dict[str, ComparedRun] = {}
        for run in {run.folder: run for run in runs}.values():
            told.setdefault(run.name, ComparedRun(run.name)).add(run, suites)
        floors = Floors.of(sorted({run.taskset for run in runs}))
        return cls(list(told.values()), floors)

    def groups(self, bys: Sequence[By]) -> list[Group]:
        """Give the figures of each run as a whole, then by each of ``bys``."""
        made = [self._group(told, "all", "all", told.episodes) for told in self.runs]
        for by in bys:
            found: dict[str, list[tuple[ComparedRun, list[Brief]]]] = {}
            for told in self.runs:
                parts: defaultdict[str, list[Brief]] = defaultdict(list)
                for one in told.episodes:
                    parts[dict(one.groups)[by]].append(one)
                for name, episodes in parts.items():
                    found.setdefault(name, []).append((told, episodes))
            for name in sorted(found):
                made += [self._group(told, by, name, episodes) for told, episodes in found[name]]
        return made

    def _group(self, told: ComparedRun, by: str, name: str, episodes: list[Brief]) -> Group:
        outcomes = told.outcomes(episodes)
        costs = [one.cost for one in episodes if one.cost is not None]
        n = max(1, len(episodes))
        return Group(
            run=told.name,
            by=by,
            name=name,
            tasks=len(outcomes),
            episodes=len(episodes),
            success=interval(success(outcomes), self.seed),
            passes=passes(outcomes),
            floor=self.floors.floor(outcomes),
            steps=sum(one.steps for one in episodes) / n,
            tokens=sum(one.tokens for one in episodes) / n,
            cost=sum(costs) if costs else None,
        )

    def differences(self) -> list[tuple[str, str, Difference]]:
        """Compare each later run with the first, by task: its name, the first's, the change."""
        first, *others = self.runs
        before = first.outcomes()
        return [
            (one.name, first.name, difference(one.outcomes(), before, self.seed)) for one in others
        ]

    def as_json(self, bys: Sequence[By]) -> dict[str, Any]:
        """Give all of it as a JSON object."""
        return {
            "runs": [
                {
                    "run": told.name,
                    "folders": [str(run.folder) for run in told.runs],
                    "settings": told.runs[0].settings.model_dump(mode="json"),
                    "void": dict(told.void),
                    "causes": dict(sorted(told.causes.items())),
                }
                for told in self.runs
            ],
            "groups": [asdict(group) for group in self.groups(bys)],
            "differences": [
                {"run": run, "against": against, **asdict(found)}
                for run, against, found in self.differences()
            ],
        }
