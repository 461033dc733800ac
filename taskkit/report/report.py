"""The report of a taskset: what is in it, what is proved, what is not, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import log2
from pathlib import Path

from taskkit.audit.finding import EXPLAINED
from taskkit.audit.probe import probes_of
from taskkit.audit.proof_status import ProofStatus, entropy
from taskkit.audit.quarantine import read_quarantine
from taskkit.audit.record import Record
from taskkit.audit.survivors import JUDGED
from taskkit.draft import drafted
from taskkit.report import labels
from taskkit.report.histogram import Histogram
from taskkit.report.page import Bar, Card, Good, Group, Item, Link, Noted, Page, Section, Table
from taskkit.report.share import Share
from taskkit.sandbox.choose import isolation_of
from taskkit.taskset.folder import Taskset

LISTED = 100  # instances behind a number; the results files have them all
EXTREMES = 10  # slowest and largest instances
FAILS = Good("none")
GUESSES = ("constant", "echo", "rule")  # judged over the set, in a table of their own

MEASURES = {
    "Words of the question": "words",
    "Steps of the reference": "steps",
    "Characters of the reference": "reference",
}
"""Title of a histogram to the fact of an audited instance."""


@dataclass
class Report:
    """A taskset and what is known of it."""

    taskset: Taskset
    status: ProofStatus
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)
    """Anchor to a title and the instances behind a number, each with a remark."""

    def html(self) -> str:
        """Write the page."""
        manifest, cards = self.taskset.manifest, self._cards()
        sources = "; ".join(f"{one.name} ({one.licence}, {one.access})" for one in manifest.sources)
        sections = [section for section in self._sections() if section]
        return Page(
            title=f"{manifest.domain}: {manifest.counts.total:,} tasks",
            sources=sources,
            origin=f"seed {manifest.seed}, taskkit {manifest.taskkit}",
            cards=cards,
            sections=sections,
            groups=[self._group(anchor, *group) for anchor, group in self.groups.items()],
        ).html()

    def _sections(self) -> Iterator[Section | None]:
        """The parts in the order of the page; None where there is nothing to say."""
        yield self._categories()
        yield self._isolation()
        yield self._findings()
        yield self._probes()
        yield self._mutants()
        yield self._guesses()
        yield self._answers()
        yield self._spread()
        yield self._overlap()
        yield self._quarantine()
        yield labels.section(self.taskset)
        yield self._time()
        yield self._size()

    def _behind(self, count: int, anchor: str, title: str, ids: Iterable[tuple[str, str]]) -> Link:
        """Link a number to its instances."""
        if count:
            self.groups[anchor] = (title, list(ids))
        return Link(count, anchor)

    def _cards(self) -> list[Card]:
        manifest, status = self.taskset.manifest, self.status
        total, proved = manifest.counts.total, len(status.proved)
        verified = sum(one.code == "verified" for one in status.verified.values())
        passed = sum(status.audit.exploits.values())
        killed = _killed(status.audit.fates)
        known = status.verified.keys() | status.audited.keys()
        unproved = [(id, self._codes(id)) for id in sorted(known - status.proved)]
        failed = total - proved
        title = f"Not proved, of {len(known):,} looked at"
        audited = status.audit.instances
        share = f"{proved / total:.1%}" if total else "0"
        cards = [
            Card(total, "tasks"),
            Card(share, f"proved: {proved:,}", "good" if proved == total else "bad",
                 f"of the audited: {Share(proved, audited)}, {Share(proved, audited).note}")
            if audited else Card("not audited", "none can be called proved yet"),
            Card(self._behind(failed, "not-proved", title, unproved),
                 "not proved, or not looked at yet"),
            Card(verified, "verified by their reference"),
            Card(audited, "audited"),
        ]  # fmt: skip
        if audited:
            cards += [
                Card(passed, f"exploits passed of {status.audit.attempts:,} attempts",
                     "bad" if passed else "good"),
                Card(str(killed or "none"), "of the mutants killed",
                     note=killed.note if killed else ""),
            ]  # fmt: skip
        return cards

    def _categories(self) -> Section:
        status, rows = self.status, []
        proved = status.proved
        by_category: defaultdict[str, list[Record]] = defaultdict(list)
        for one in status.audited.values():
            by_category[one.category].append(one)
        best = {rate.scope: rate for rate in reversed(status.audit.whole.rates)}
        for name, total in sorted(self.taskset.manifest.counts.by_category.items()):
            records = by_category[name]
            failing = [(one.id, self._codes(one.id)) for one in records if one.id not in proved]
            answers = Counter(one.answer for one in records)
            guess = best.get(name)
            rows.append(
                (
                    name,
                    total,
                    Share(sum(one.id in proved for one in records), len(records))
                    if records
                    else "",
                    ""
                    if not records
                    else self._behind(
                        len(failing), f"category-{name}", f"Not proved: {name}", failing
                    ),
                    _killed(status.audit.fates_by_category.get(name, Counter())) or "",
                    f"{entropy(answers):.1f}" if records else "",
                    f"{guess.share:.1%}" if guess else "",
                    guess.rule if guess else "",
                )
            )
        columns = ("category", "tasks", "proved", "not proved", "mutants killed",
                   "answer entropy, bits", "best guess", "by")  # fmt: skip
        return Section("Categories", table=Table(columns, rows, range(1, 7)))

    def _isolation(self) -> Section | None:
        by_name: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.status.verified.values():
            if one.sandbox:
                by_name[one.sandbox].append((one.id, one.code))
        if not by_name:
            return None
        rows = [
            (
                name,
                self._behind(len(found), f"sandbox-{name}", f"Verified in {name}", found),
                isolation_of(name),
            )
            for name, found in sorted(by_name.items())
        ]
        columns = ("sandbox", "verified", "programs had")
        return Section("Isolation", table=Table(columns, rows, (1,)))

    def _codes(self, id: str) -> str:
        codes = set(self.status.codes.get(id, ()))
        result = self.status.verified.get(id)
        codes |= {"not verified"} if result is None else {result.code} - {"verified"}
        return ", ".join(sorted(codes))

    def _findings(self) -> Section:
        remarks: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.status.audited.values():
            for finding in one.loaded("findings"):
                remarks[finding["code"]].append((one.id, finding["detail"]))
        for twin in self.status.audit.whole.twins:
            remarks[twin.code].append((twin.id, twin.detail))
        for result in self.status.verified.values():
            if result.code != "verified":
                remarks[result.code].append((result.id, result.detail))
        rows = [
            (
                code,
                self._behind(len({id for id, _ in found}), f"finding-{code}", code, found),
                EXPLAINED.get(code, "verify: the reference does not earn the reward"),
            )
            for code, found in sorted(remarks.items(), key=lambda item: -len(item[1]))
        ]
        if not rows:
            return Section("Findings", "None.")
        columns = ("finding", "instances", "which means")
        return Section("Findings", table=Table(columns, rows, (1,)))

    def _probes(self) -> Section:
        audit = self.status.audit
        if not audit.instances:
            return Section("Soundness", "Not audited yet:", command="taskkit audit")
        passed: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.status.audited.values():
            for finding in one.loaded("findings"):
                passed[finding["probe"]].append((one.id, finding["detail"]))
        rows = []
        for probe in probes_of(self.taskset.manifest.domain):
            if probe.name in GUESSES:
                continue
            found, words = passed[probe.name], (type(probe).__doc__ or "").split("\n")[0]
            title = f"Passed by {probe.name}"
            behind = self._behind(len({*found}), f"probe-{probe.name}", title, found)
            said = Noted(words, f"would show: {EXPLAINED[probe.code]}")
            rows.append((probe.name, behind if found else FAILS, said))
        text = f"{audit.attempts:,} attempts on {audit.instances:,} instances."
        columns = ("agent", "passes", "what it does")
        return Section("Agents that do not solve the task", text, Table(columns, rows, (1,)))

    def _mutants(self) -> Section | None:
        rows = []
        for kind in self.status.audit.kinds:
            fates, rate, where = kind.fates, kind.kill_rate, f"{kind.domain}-{kind.name}"
            left = kind.left("weak", "undecided")
            alive = [(one.id, f"{one.fate}: {one.change}") for one in left]
            idle = [(one.id, one.change) for one in kind.left("idle")]
            title = f"{kind.name}, {kind.domain}"
            counted = (
                fates["killed"],
                self._behind(len(alive), f"mutants-{where}", f"Survivors: {title}", alive),
                self._behind(len(idle), f"idle-{where}", f"Idle: {title}", idle),
                fates["equivalent"],
                fates["costly"] + fates["invalid"],
            )
            rows.append((kind.name, kind.domain, *counted, _killed(fates) or "", Bar(rate or 0)))
        if not rows:
            return None
        outcomes = ("killed", "survived", "idle", "equivalent", "not judged")
        columns = ("mutation", "domain", *outcomes, "kill rate", "")
        return Section("Mutants of the references", table=Table(columns, rows, range(2, 8)))

    def _guesses(self) -> Section | None:
        rows = []
        for rate in self.status.audit.whole.rates:
            hits = [
                (one.id, one.category)
                for one in self.status.audited.values()
                if rate.scope in ("all", one.category) and rate.rule in one.loaded("guesses")
            ]
            anchor = f"guess-{rate.scope}-{rate.rule}".replace(" ", "-")
            count = self._behind(len(hits), anchor, f"{rate.scope}: {rate.rule}", hits)
            verdict = "guessable by declaration" if rate.guessable else "pays" if rate.pays else ""
            rows.append((rate.scope, rate.rule, count if hits else rate.hits, f"{rate.share:.1%}",
                         f"{rate.allowed:.0%}", verdict))  # fmt: skip
        if not rows:
            return None
        columns = ("where", "rule", "right", "share", "allowed", "")
        return Section("Guesses", table=Table(columns, rows, (2, 3, 4)))

    def _answers(self) -> Section | None:
        by_category: defaultdict[str, defaultdict[str, list[str]]]
        by_category = defaultdict(lambda: defaultdict(list))
        for one in self.status.audited.values():
            by_category[one.category][one.answer].append(one.id)
        rows = []
        for name, answers in sorted(by_category.items()):
            counts = Counter({answer: len(ids) for answer, ids in answers.items()})
            ((answer, most),) = counts.most_common(1)
            share, bits = most / counts.total(), entropy(counts)
            ids = [(id, "") for id in answers[answer]]
            behind = self._behind(most, f"answer-{name}", f"Commonest answer: {name}", ids)
            even = bits / log2(counts.total()) if counts.total() > 1 else 0.0
            rows.append((name, counts.total(), len(counts), behind, f"{share:.1%}", f"{bits:.1f}",
                         Bar(even)))  # fmt: skip
        if not rows:
            return None
        columns = ("category", "audited", "different answers", "with the commonest", "share",
                   "entropy, bits", "of the most there could be")  # fmt: skip
        return Section("Answers", table=Table(columns, rows, range(1, 6)))

    def _spread(self) -> Section | None:
        audited = self.status.audited.values()
        answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for one in audited:
            answers[one.category][one.answer] += 1
        facts = [one.loaded("facts") for one in audited]
        values = {title: [f[name] for f in facts if name in f] for title, name in MEASURES.items()}
        values["Answer entropy of the categories, bits"] = [*map(entropy, answers.values())]
        charts = [Histogram.of(title, found) for title, found in values.items() if found]
        return Section("Histograms", charts=charts) if charts else None

    def _overlap(self) -> Section | None:
        shared = dict(self.status.audit.whole.overlap)
        others = shared.pop("instances", 0)
        if not others:
            return None
        rows = [(what, n, f"{n / others:.1%}", Bar(n / others)) for what, n in shared.items()]
        text = f"Of {others:,} audited instances of valid and test."
        columns = ("shared with train", "instances", "share", "")
        return Section("Train and test", text, Table(columns, rows, (1, 2)))

    def _quarantine(self) -> Section:
        lines: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for line in self.taskset.quarantine():
            lines["record", line.code].append((line.record, line.detail))
        for line in read_quarantine(self.taskset.path):
            where = ("task", line.code) if line.instance else ("category", line.code)
            lines[where].append((line.instance or line.record, line.detail))
        rows = []
        for (what, code), found in sorted(lines.items(), key=lambda item: -len(item[1])):
            count = len({id for id, _ in found})
            anchor = f"quarantine-{what}-{code}"
            title = f"Quarantine: {code} ({what})"
            rows.append((code, what, self._behind(count, anchor, title, found)))
        read, made = self.taskset.manifest.records.read, self.taskset.manifest.counts.total
        text = (
            f"{read:,} records were read and {made:,} became tasks; the other records are here,"
            " and the tasks and categories that verify or the audit found something wrong with."
        )
        return Section("Quarantine", text, Table(("reason", "of a", "number"), rows, (2,)))

    def _time(self) -> Section:
        results = sorted(self.status.verified.values(), key=lambda one: -one.wall_s)
        if not results:
            return Section("Run time", "Not verified yet:", command="taskkit verify")
        times = sorted(1000 * one.wall_s / max(1, one.repeats) for one in results)
        at = {
            share: times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 1)
        }
        text = (
            f"One play of a reference: median {at[0.5]:.0f} ms, 95 % below {at[0.95]:.0f} ms, "
            f"longest {at[1]:.0f} ms."
        )
        rows = [
            (self._one(r.id, "slow"), r.category, f"{1000 * r.wall_s / max(1, r.repeats):.0f}")
            for r in results[:EXTREMES]
        ]
        return Section("Slowest", text, Table(("instance", "category", "ms"), rows, (2,)))

    def _size(self) -> Section | None:
        found = sorted(
            (one for one in self.status.audited.values() if one.loaded("facts")),
            key=lambda r: -r.loaded("facts")["reference"],
        )
        if not found:
            return None
        tables = Counter(len(one.loaded("facts")["tables"]) for one in found)
        spread = ", ".join(f"{n} tables: {count:,}" for n, count in sorted(tables.items()))
        rows = [
            (self._one(r.id, "large"), r.category, r.loaded("facts")["reference"],
             ", ".join(r.loaded("facts")["tables"]))
            for r in found[:EXTREMES]
        ]  # fmt: skip
        columns = ("instance", "category", "characters", "tables")
        return Section("Largest references", spread, Table(columns, rows, (2,)))

    def _one(self, id: str, why: str) -> Link:
        """Link an instance to what it asks."""
        anchor = f"{why}-{id}"
        self.groups[anchor] = (id, [(id, "")])
        return Link(id, anchor)

    def _group(self, anchor: str, title: str, items: list[tuple[str, str]]) -> Group:
        listed = [Item(id, self._asked(id), remark) for id, remark in items[:LISTED]]
        return Group(anchor, title, len(items), listed)

    def _asked(self, id: str) -> str:
        """Give the question of an instance; empty where it is a record of the quarantine."""
        record = self.status.audited.get(id)
        if record is None or "spec_invalid" in record.codes:
            return ""
        path = self.taskset.path / record.file
        return self.taskset.read(path).instruction.split("\n\n")[0] if path.is_file() else ""


def _killed(fates: Counter[str]) -> Share | None:
    """The share killed of the mutants that are judged and not equivalent; None without any."""
    judged = sum(fates[fate] for fate in JUDGED)
    return Share(fates["killed"], judged) if judged else None


def write_report(taskset: Path, target: Path) -> None:
    """Write the report of a taskset to a file.

    Raises:
        UsageError: there is no taskset, or its results cannot be read.
        SpecError: one of its files is not as it should be.
        MissingError: the file cannot be written.
    """
    report = Report(Taskset(taskset), ProofStatus.of(taskset))
    with drafted(target) as draft:
        draft.write_text(report.html(), "utf-8")
