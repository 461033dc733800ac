"""Which instances of a taskset are proved: verified and audited without a finding."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from taskkit.audit.audit import Summary, summarise
from taskkit.audit.record import Record, read_records, records_path
from taskkit.audit.wholeset import Rate
from taskkit.errors import UsageError
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from taskkit.verify.engine_results import read_findings
from taskkit.verify.results import Result, read_results
from taskkit.verify.verification import results_path


@dataclass
class ProofStatus:
    """What verify and audit found of a taskset so far."""

    verified: dict[str, Result] = field(default_factory=dict)
    """By id; empty where the set was not verified."""
    audited: dict[str, Record] = field(default_factory=dict)
    """By id; empty where the set was not audited."""
    audit: Summary = field(default_factory=Summary)
    codes: dict[str, set[str]] = field(default_factory=dict)
    """Findings of the audit by instance, those of the whole set and of other engines included."""

    @property
    def proved(self) -> set[str]:
        """Ids of the instances that both runs found sound, on the same content."""
        return {
            id
            for id in self.audited
            if not self.codes.get(id)
            and id in self.verified
            and self.verified[id].code == "verified"
        }

    @classmethod
    def of(cls, taskset: Path) -> ProofStatus:
        """Read what there is beside a taskset, of the instances that are still as they were.

        Raises:
            UsageError: a results file cannot be read.
        """
        made, now = cls(), _digests(taskset)
        if (path := results_path(taskset)).exists():
            kept = (one for one in read_results(path) if now.get(one.id) == one.sha256)
            made.verified = {one.id: one for one in kept}
        if (path := records_path(taskset)).exists():
            found = (one for one in read_records(path) if now.get(one.id) == one.sha256)
            made.audited = {one.id: one for one in found}
        made.audit = summarise(list(made.audited.values()))
        codes: defaultdict[str, set[str]] = defaultdict(set)
        for one in made.audited.values():
            codes[one.id].update(one.codes.split())
        for twin in made.audit.whole.twins:
            codes[twin.id].add(twin.code)
        for _, other in read_findings(taskset):
            if now.get(other.id) == other.sha256:
                codes[other.id].add(other.code)
        made.codes = dict(codes)
        return made


def _digests(taskset: Path) -> dict[str, str]:
    """Give the digest of every task's file by id, as it is now."""
    return {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Taskset(taskset).paths()
    }


def entropy(counts: Counter[str]) -> float:
    """Give the entropy of a distribution in bits: its logarithm of equally likely answers."""
    total = counts.total()
    return sum(-n / total * math.log2(n / total) for n in counts.values()) if total else 0.0


def measures(status: ProofStatus) -> dict[str, dict[str, float]]:
    """Give how hard each audited instance is, and how guessable its category, by id."""
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in status.audited.values():
        answers[one.category][one.answer] += 1
    guesses = best_guesses(status)
    made = {}
    for id, one in status.audited.items():
        facts = one.loaded("facts")
        guess = guesses.get(one.category)
        made[id] = {
            "tables": float(len(facts.get("tables", ()))),
            **{name: float(facts.get(name, 0)) for name in ("words", "reference", "steps")},
            "entropy": entropy(answers[one.category]),
            "guess": guess.share if guess else 0.0,
        }
    return made


def best_guesses(status: ProofStatus) -> dict[str, Rate]:
    """Give the rule that is right most often, of each category and of `all`."""
    return {rate.scope: rate for rate in reversed(status.audit.whole.rates)}


def selection(taskset: Path, filters: tuple[str, ...]) -> Filter:
    """Read filters; those by number take what an audit has measured.

    Raises:
        UsageError: one is not as it should be, or nothing is audited yet.
    """
    made = Filter.parse(filters)
    if not made.bounds:
        return made
    status = ProofStatus.of(taskset)
    if not status.audited:
        raise UsageError(
            f"--filter {made.bounds[0][0]}: the audit measures it: run `taskkit audit` first"
        )
    return replace(made, measured=measures(status))
