"""The tables of what was measured at scale, in Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskkit.build.plan import read_plan
from taskkit.spec.manifest import TasksetManifest
from taskkit.taskset.folder import Taskset

Row = Sequence[object]


@dataclass(frozen=True)
class Measured:
    """What a step took, and what it said."""

    kind: str
    name: str
    tasksets: list[str]
    begun: str
    """Time of day."""
    load: float
    """Of the machine when it began: processes that wanted to run, over the minute before."""
    seconds: float
    cpu_s: float
    peak_mib: float
    exit_code: int
    output: Any
    """The JSON it printed; None where it failed."""

    @property
    def manifests(self) -> list[TasksetManifest]:
        """What the sets say of themselves."""
        return [Taskset(Path(one)).manifest for one in self.tasksets]

    @property
    def done(self) -> int:
        """Instances made or looked at."""
        if self.output is None:
            return 0
        if self.kind == "audit":
            return int(self.output["instances"])
        return sum(one.counts.total for one in self.manifests)

    def line(self) -> str:
        """Say it in one line, as it ends."""
        return (
            f"{self.begun} {self.kind:12} {self.name:16} {self.done:7,} in {self.seconds:7.1f} s,"
            f" {self.cpu_s:7.1f} s of processor, {self.peak_mib:5.0f} MiB, load {self.load:.1f}"
        )

    def outcome(self) -> str:
        """Say what came of it."""
        said = self.output
        if self.kind == "build":
            return ", ".join(f"{one.records.read:,} records read" for one in self.manifests[:1])
        if self.kind == "validate":
            return f"{len(said['findings']):,} findings"
        if self.kind == "verify":
            return listed(said["codes"])
        if self.kind == "cross-check":
            first = f"{said['done']:,} verified first; " if said["done"] else ""
            return first + listed(said["cross_check"]["codes"])
        total = sum(one.counts.total for one in self.manifests)
        part = f"a sample of {total:,}: " if self.done < total else ""
        killed = said["kill_rate"]
        rate = "" if killed is None else f", {killed:.1%} of mutants killed"
        passed = sum(said["exploits_passed"].values())
        return (
            f"{part}{said['sound']:,} hold; {passed:,} of {said['attempts']:,} exploits pass{rate}"
        )


def listed(counts: dict[str, int]) -> str:
    """Write counts in a row, largest first."""
    pairs = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {number:,}" for name, number in pairs)


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Write a table; whole numbers get their commas."""
    lines = [columns, ["---"] * len(columns), *rows]
    cells = ([f"{one:,}" if isinstance(one, int) else str(one) for one in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def report(found: Sequence[Measured], plan: Path) -> str:
    """Write all tables."""
    parts = ["## Time and memory", *costs(found)]
    if grown := list(growth(found, plan)):
        parts += ["## As a set grows", *grown]
    sets = [one for one in found if one.kind == "build" and one.name == plan.stem]
    for one in sets:
        names = [Path(path).name for path in one.tasksets]
        made = dict(zip(names, one.manifests, strict=True))
        parts += ["## Beside what was published", counted(made, plan)]
        parts += ["## By category", categories(made)]
        parts += ["## Records that became no task", rejected(made)]
    if crossed := [one for one in found if one.kind == "cross-check"]:
        parts += ["## Without a counterpart in the other engine", *untranslated(crossed)]
    return "\n\n".join(parts) + "\n"


def costs(found: Sequence[Measured]) -> Iterator[str]:
    """Give what each step took; cores is processor time by elapsed time."""
    columns = (
        "set", "step", "instances", "s", "a second", "CPU ms an instance", "cores", "peak MiB",
        "load before", "outcome",
    )  # fmt: skip
    rows = [
        (
            f"`{one.name}`", one.kind, one.done, f"{one.seconds:,.1f}",
            f"{one.done / one.seconds:,.1f}", f"{1000 * one.cpu_s / max(1, one.done):,.1f}",
            f"{one.cpu_s / one.seconds:.2f}", f"{one.peak_mib:,.0f}", f"{one.load:.1f}",
            one.outcome(),
        )
        for one in found
    ]  # fmt: skip
    yield table(columns, rows)


def growth(found: Sequence[Measured], plan: Path) -> Iterator[str]:
    """Give what one instance costs in sets of several sizes, and the memory they take."""
    grown: defaultdict[str, dict[int, dict[str, Measured]]] = defaultdict(dict)
    for one in found:
        domain, _, size = one.name.rpartition("-")
        if one.name != plan.stem and domain and size.isdigit():
            grown[domain].setdefault(int(size), {})[one.kind] = one
    for domain, sizes in grown.items():
        kinds = dict.fromkeys(kind for made in sizes.values() for kind in made)
        rows = [
            (kind, *(_cost(made.get(kind)) for _, made in sorted(sizes.items()))) for kind in kinds
        ]
        yield table((f"`{domain}`", *(f"{size:,} asked for" for size in sorted(sizes))), rows)


def _cost(one: Measured | None) -> str:
    if one is None or not one.done:
        return ""
    return f"{one.done:,}: {1000 * one.seconds / one.done:.2f} ms each, {one.peak_mib:,.0f} MiB"


def counted(made: dict[str, TasksetManifest], plan: Path) -> str:
    """Write tasks by split beside the published numbers."""
    splits = ("train", "valid", "test")
    rows: list[list[object]] = []
    for one in read_plan(plan):
        if one.folder in made:
            counts, known = made[one.folder].counts, one.published
            shown = " / ".join(f"{number:,}" for number in known.values())
            parts = [counts.by_split.get(split, 0) for split in splits]
            read = made[one.folder].records.read
            rows.append([f"`{one.folder}`", counts.total, sum(known.values()), *parts, shown, read])
    sums = [sum(int(str(row[place])) for row in rows) for place in range(1, 6)]
    rows.append(["all", *sums, "", sum(int(str(row[7])) for row in rows)])
    named = " / ".join(next((list(map(str, one.published)) for one in read_plan(plan)), []))
    columns = ("build", "tasks", "published", *splits, f"published {named}", "records read")
    return table(columns, rows)


def categories(made: dict[str, TasksetManifest]) -> str:
    """Write how many tasks each category has."""
    return "\n".join(f"- `{name}`: {listed(one.counts.by_category)}" for name, one in made.items())


def rejected(made: dict[str, TasksetManifest]) -> str:
    """Write why records became no task, the commonest reason first."""
    every: Counter[str] = Counter()
    for one in made.values():
        every.update(one.records.rejected)
    rows = (
        [code, *(one.records.rejected.get(code, "") for one in made.values())]
        for code, _ in every.most_common()
    )
    return table(("reason", *(f"`{name}`" for name in made)), rows)


def untranslated(crossed: Sequence[Measured]) -> Iterator[str]:
    """Give what could not be asked of the other engine, by set, with the number of instances."""
    rows = [
        (f"`{one.name}`", listed(one.output["cross_check"]["untranslated"]) or "nothing")
        for one in crossed
    ]
    yield table(("set", "constructs"), rows)
