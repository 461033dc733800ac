"""What only a whole set shows: duplicates, leaks between splits, and guesses that pay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from taskkit.audit.finding import AuditCode
from taskkit.audit.likeness import Likes
from taskkit.audit.record import Record

NEAR = 0.8  # share of word triples in common
CATEGORY_SHARE, DOMAIN_SHARE = 0.2, 0.05  # the shares that DESIGN.md allows a guess
COMMONEST = "the commonest answer"
ENUMERATED = "the commonest answers, until told that one is right"
KEPT_FIRST = {"test": 0, "valid": 1, "train": 2}  # a twin in train goes, so that no test leaks


@dataclass(frozen=True, slots=True)
class Twin:
    """An instance that asks what another one asks."""

    code: AuditCode
    id: str
    other: str
    across: bool
    """They are in different splits."""
    detail: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one rule is right."""

    scope: str
    """A category, or `all` for the domain."""
    rule: str
    hits: int
    size: int
    allowed: float
    guessable: bool
    """The scope is judged by its rate only, and left out unless asked for."""

    @property
    def code(self) -> AuditCode:
        """What it is called where it pays."""
        return "majority" if self.rule in (COMMONEST, ENUMERATED) else "guessable"

    @property
    def share(self) -> float:
        """Hits by instances."""
        return self.hits / self.size if self.size else 0.0

    @property
    def pays(self) -> bool:
        """The rule is right more often than allowed; one hit is always allowed."""
        return self.hits > max(1, self.allowed * self.size)


@dataclass
class WholeSet:
    """A set's duplicates and guess rates."""

    twins: list[Twin] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    """The best rule of each category and of the domain, and every one that pays."""
    overlap: dict[str, int] = field(default_factory=dict)
    """Instances of valid and test whose template, values, or both, train has too."""

    @property
    def paying(self) -> list[Rate]:
        """The rates above what is allowed, of scopes that are not guessable by declaration."""
        return [rate for rate in self.rates if rate.pays and not rate.guessable]


def examine(records: Sequence[Record]) -> WholeSet:
    """Look at all records of a set."""
    return WholeSet(list(twins(records)), list(rates(records)), overlap(records))


def twins(records: Iterable[Record]) -> Iterator[Twin]:
    """Give every instance that asks what one before it asks; test before valid before train."""
    ordered = sorted(records, key=lambda one: (KEPT_FIRST.get(one.split, 3), one.id))
    seen: dict[tuple[str, str], Record] = {}
    gone: set[str] = set()
    for one in ordered:
        keys = [("asks", f"{one.asks} {one.does}")] if one.asks else []
        keys += [("does", f"{one.does} {one.answer}")] if one.does else []
        for kind, key in keys:
            first = seen.setdefault((kind, key), one)
            if first is not one and one.id not in gone:
                gone.add(one.id)
                what = "same question" if kind == "asks" else "same query in other words"
                across = first.split != one.split
                yield Twin("duplicate", one.id, first.id, across, f"{what} as {first.id}")
    groups: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for one in ordered:
        if one.id not in gone and one.signature:
            groups[one.values, one.answer].append(one)
    for group in groups.values():
        if len(group) > 1:
            yield from _near(group)


def _near(group: list[Record]) -> Iterator[Twin]:
    """Give every instance whose words are nearly those of one before it."""
    likes, splits = Likes(), {one.id: one.split for one in group}
    for one in group:
        found = likes.nearest(one.signature)
        if found is None or found[1] < NEAR:
            likes.keep(one.id, one.signature)
        else:
            other, share = found
            detail = f"{share:.0%} of the words of {other}, with its values and answer"
            yield Twin("near_duplicate", one.id, other, splits[other] != one.split, detail)


def rates(records: Sequence[Record]) -> Iterator[Rate]:
    """Give the guess rates that matter, best first within each scope."""
    scopes: defaultdict[str, list[Record]] = defaultdict(list)
    for one in records:
        scopes[one.category].append(one)
        if not one.guessable:
            scopes["all"].append(one)
    for scope, members in sorted(scopes.items()):
        hits: Counter[str] = Counter()
        for one in members:
            hits.update(set(one.loaded("guesses")))
        tries = min(one.loaded("facts").get("tries", 1) for one in members)
        commonest = Counter(one.answer for one in members).most_common(tries)
        hits[COMMONEST if tries == 1 else ENUMERATED] = sum(count for _, count in commonest)
        allowed = DOMAIN_SHARE if scope == "all" else CATEGORY_SHARE
        guessable = all(one.guessable for one in members)
        for number, (rule, count) in enumerate(sorted(hits.items(), key=lambda i: (-i[1], i[0]))):
            rate = Rate(scope, rule, count, len(members), allowed, guessable)
            if number == 0 or rate.pays:
                yield rate


def overlap(records: Sequence[Record]) -> dict[str, int]:
    """Count what valid and test share with train.

    Returns:
        By what is shared, how many instances of valid and test share it: `template` (the query but
        for its values), `literal` (one long value or more), `values` (all of them).
    """
    train = [one for one in records if one.split == "train"]
    templates = {one.template for one in train}
    literals = {value for one in train for value in one.loaded("facts").get("literals", ())}
    values = {one.values for one in train}
    both = {(one.template, one.values) for one in train}
    others = [one for one in records if one.split != "train"]
    return {
        "instances": len(others),
        "template": sum(one.template in templates for one in others),
        "literal": sum(bool(literals & {*o.loaded("facts").get("literals", ())}) for o in others),
        "values": sum(one.values in values for one in others),
        "template and values": sum((o.template, o.values) in both for o in others),
    }
