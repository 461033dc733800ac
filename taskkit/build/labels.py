"""What became of a source's labels: each recomputed, and the table by category and cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from pydantic import JsonValue

from taskkit.build.rejection import Rejection

Status = Literal["agrees", "disagrees", "not_computable"]
STATUSES: tuple[Status, ...] = ("agrees", "disagrees", "not_computable")


@dataclass(frozen=True)
class Labelled:
    """What recomputing the label of one record gave."""

    record: str
    category: str
    status: Status
    label: str = ""
    """As the source has it; empty where it could not be read."""
    computed: str = ""
    """Our result; empty where it cannot be computed."""
    cause: str = ""
    """Likely cause of a difference, or why nothing can be computed; empty where none is known."""
    party: str = ""
    """What is wrong: `label`, `entities` (the source's record), `variant`, or `scope`."""
    detail: str = ""
    """For a reader."""

    @property
    def reason(self) -> str:
        """Both values and the cause, in one line."""
        cause = self.cause or "no known cause"
        if self.status == "disagrees":
            return f"label {self.label}, computed {self.computed}: {cause}"
        return f"{cause}: {self.detail}".rstrip(": ")

    def rejection(self) -> Rejection:
        """Put the record aside, with what was measured."""
        disagrees = self.status == "disagrees"
        code: str = "label_disagrees" if disagrees else "not_computable"
        evidence = {name: said for name, said in asdict(self).items() if said}
        return Rejection(self.record, code, self.reason, evidence)


def unread(rejection: Rejection) -> Labelled:
    """Give a record that could not be read as one whose label cannot be recomputed."""
    return Labelled(
        rejection.record, "unread", "not_computable", cause=rejection.code, detail=rejection.detail
    )


@dataclass
class Labels:
    """Counts that grow by one record at a time."""

    statuses: dict[str, Counter[Status]] = field(default_factory=dict)
    """By category."""
    causes: Counter[tuple[str, Status, str, str]] = field(default_factory=Counter)
    """By category, status, cause and party, of labels that do not agree."""

    def add(self, one: Labelled) -> None:
        """Count one record."""
        self.statuses.setdefault(one.category, Counter())[one.status] += 1
        if one.status != "agrees":
            self.causes[one.category, one.status, one.cause, one.party] += 1

    @property
    def total(self) -> Counter[Status]:
        """Counts over all categories."""
        return sum(self.statuses.values(), Counter())

    @property
    def unexplained(self) -> int:
        """Disagreements with no known cause."""
        return sum(
            count
            for (_, status, cause, _), count in self.causes.items()
            if status == "disagrees" and not cause
        )

    def reasons(self, category: str) -> Iterator[tuple[int, str]]:
        """Give the causes of a category, commonest first, each with the party at fault."""
        for (name, _, cause, party), count in self.causes.most_common():
            if name == category:
                yield count, f"{cause or 'no known cause'}{f' ({party})' if party else ''}"

    def rows(self) -> Iterator[tuple[str, int, int, int, int, str]]:
        """Give a row for each category: records, how many of each status, and the causes."""
        for category, counts in sorted(self.statuses.items()):
            causes = "; ".join(f"{count} {cause}" for count, cause in self.reasons(category))
            agree, disagree, lost = (counts[status] for status in STATUSES)
            yield category, counts.total(), agree, disagree, lost, causes

    def as_json(self) -> dict[str, JsonValue]:
        """Give it as plain values."""
        rows: list[JsonValue] = [
            {
                "category": category,
                **{status: self.statuses[category][status] for status in STATUSES},
                "causes": {cause: count for count, cause in self.reasons(category)},
            }
            for category in sorted(self.statuses)
        ]
        total: dict[str, JsonValue] = {status: self.total[status] for status in STATUSES}
        return {"categories": rows, "total": total, "unexplained": self.unexplained}


def of_evidence(record: str, evidence: Mapping[str, JsonValue]) -> Labelled | None:
    """Give what a line of the quarantine says of a label; None where it is about no label."""
    known = {name: str(said) for name, said in evidence.items()}
    status = next((one for one in STATUSES if one == known.get("status")), None)
    if status is None or "category" not in known:
        return None
    said = {name: known.get(name, "") for name in ("label", "computed", "cause", "party", "detail")}
    return Labelled(record, known["category"], status, **said)
