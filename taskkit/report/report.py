"""The report of a taskset: what is in it, what is proved, what is not, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2
from pathlib import Path

from taskkit.audit.finding import EXPLAINED
from taskkit.audit.probe import probes_of
from taskkit.audit.proof_status import ProofStatus, entropy
from taskkit.audit.quarantine import read_quarantine
from taskkit.audit.record import Record
from taskkit.audit.survivors import kill_rate
from taskkit.report import labels
from taskkit.report.html import Markup, bar, card, link, page, shown, table
from taskkit.sandbox.choose import isolation_of
from taskkit.taskset.folder import Taskset

LISTED = 100  # instances behind a number; the results files have them all
EXTREMES = 10  # slowest and largest instances
FAILS = Markup('<span class="good">none</span>')
GUESSES = ("constant", "echo", "rule")  # judged over the set, in a table of their own


@dataclass
class Report:
    """A taskset and what is known of it."""

    taskset: Taskset
    standing: ProofStatus
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)
    """Anchor to a title and the instances behind a number, each with a remark."""

    def html(self) -> str:
        """Write the page."""
        manifest = self.taskset.manifest
        sections = "".join(
            (
                self._head(),
                self._categories(),
                self._isolation(),
                self._findings(),
                self._probes(),
                self._mutants(),
                self._guesses(),
                self._answers(),
                self._overlap(),
                self._quarantine(),
                labels.section(self.taskset),
                self._time(),
                self._size(),
            )
        )
        return page(f"{manifest.domain}: {manifest.counts.total:,} tasks", sections + self._lists())

    def _behind(
        self, count: int, anchor: str, title: str, ids: Iterable[tuple[str, str]]
    ) -> Markup:
        """Link a number to its instances."""
        if count:
            self.groups[anchor] = (title, list(ids))
        return link(count, anchor)

    def _head(self) -> str:
        manifest, standing = self.taskset.manifest, self.standing
        total, proved = manifest.counts.total, len(standing.proved)
        verified = sum(one.code == "verified" for one in standing.verified.values())
        sources = "; ".join(f"{one.name} ({one.licence}, {one.access})" for one in manifest.sources)
        passed = sum(standing.audit.exploits.values())
        rate = kill_rate(standing.audit.fates)
        known = standing.verified.keys() | standing.audited.keys()
        unproved = [(id, self._codes(id)) for id in sorted(known - standing.proved)]
        failed = total - proved
        title = f"Not proved, of {len(known):,} looked at"
        audited = standing.audit.instances
        share = f"{proved / total:.1%}" if total else "0"
        cards = [
            card(total, "tasks"),
            card(share, f"proved: {proved:,}", "good" if proved == total else "bad")
            if audited else card("not audited", "none can be called proved yet"),
            card(self._behind(failed, "not-proved", title, unproved),
                 "not proved, or not looked at yet"),
            card(verified, "verified by their reference"),
            card(audited, "audited"),
        ]  # fmt: skip
        if audited:
            cards += [
                card(passed, f"exploits passed of {standing.audit.attempts:,} attempts",
                     "bad" if passed else "good"),
                card("none" if rate is None else f"{rate:.1%}", "of the mutants killed"),
            ]  # fmt: skip
        return (
            f"<h1>{shown(manifest.domain)}: {total:,} tasks</h1>"
            f'<p class="soft">{shown(sources)}<br>seed {manifest.seed}, taskkit '
            f'{shown(manifest.taskkit)}</p><div class="cards">{"".join(cards)}</div>'
            "<p>An instance is <b>proved</b> when its reference earned the reward in every fresh "
            "sandbox, and the audit found nothing: no agent that does not solve it is rewarded, no "
            "mutant of the reference that means something else, no answer that hangs on row order, "
            "clock or noise, no twin. Numbers in blue lead to the instances behind them.</p>"
        )

    def _categories(self) -> str:
        standing, rows = self.standing, []
        proved = standing.proved
        by_category: defaultdict[str, list[Record]] = defaultdict(list)
        for one in standing.audited.values():
            by_category[one.category].append(one)
        best = {rate.scope: rate for rate in reversed(standing.audit.whole.rates)}
        for name, total in sorted(self.taskset.manifest.counts.by_category.items()):
            records = by_category[name]
            failing = [(one.id, self._codes(one.id)) for one in records if one.id not in proved]
            answers = Counter(one.answer for one in records)
            rate = kill_rate(standing.audit.fates_by_category.get(name, Counter()))
            guess = best.get(name)
            rows.append(
                (
                    name,
                    total,
                    sum(one.id in proved for one in records) if records else "",
                    ""
                    if not records
                    else self._behind(
                        len(failing), f"category-{name}", f"Not proved: {name}", failing
                    ),
                    "" if rate is None else f"{rate:.1%}",
                    f"{entropy(answers):.1f}" if records else "",
                    f"{guess.share:.1%}" if guess else "",
                    guess.rule if guess else "",
                )
            )
        columns = ("category", "tasks", "proved", "not proved", "mutants killed",
                   "answer entropy, bits", "best guess", "by")  # fmt: skip
        return "<h2>Categories</h2>" + table(columns, rows, range(1, 7))

    def _isolation(self) -> str:
        by_name: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.standing.verified.values():
            if one.sandbox:
                by_name[one.sandbox].append((one.id, one.code))
        if not by_name:
            return ""
        rows = [
            (
                name,
                self._behind(len(found), f"sandbox-{name}", f"Verified in {name}", found),
                isolation_of(name),
            )
            for name, found in sorted(by_name.items())
        ]
        return "<h2>Isolation</h2>" + table(("sandbox", "verified", "programs had"), rows, (1,))

    def _codes(self, id: str) -> str:
        codes = set(self.standing.codes.get(id, ()))
        result = self.standing.verified.get(id)
        codes |= {"not verified"} if result is None else {result.code} - {"verified"}
        return ", ".join(sorted(codes))

    def _findings(self) -> str:
        remarks: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.standing.audited.values():
            for finding in one.loaded("findings"):
                remarks[finding["code"]].append((one.id, finding["detail"]))
        for twin in self.standing.audit.whole.twins:
            remarks[twin.code].append((twin.id, twin.detail))
        for result in self.standing.verified.values():
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
            return "<h2>Findings</h2><p>None.</p>"
        return "<h2>Findings</h2>" + table(("finding", "instances", "which means"), rows, (1,))

    def _probes(self) -> str:
        audit = self.standing.audit
        if not audit.instances:
            return "<h2>Soundness</h2><p>Not audited yet: <code>taskkit audit</code>.</p>"
        passed: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.standing.audited.values():
            for finding in one.loaded("findings"):
                passed[finding["probe"]].append((one.id, finding["detail"]))
        rows = []
        for probe in probes_of(self.taskset.manifest.domain):
            if probe.name in GUESSES:
                continue
            found, words = passed[probe.name], (type(probe).__doc__ or "").split("\n")[0]
            title = f"Passed by {probe.name}"
            behind = self._behind(len({*found}), f"probe-{probe.name}", title, found)
            said = f"{shown(words)}<br><small>would show: {shown(EXPLAINED[probe.code])}</small>"
            rows.append((probe.name, behind if found else FAILS, Markup(said)))
        text = f"<p>{audit.attempts:,} attempts on {audit.instances:,} instances.</p>"
        columns = ("agent", "passes", "what it does")
        return f"<h2>Agents that do not solve the task</h2>{text}{table(columns, rows, (1,))}"

    def _mutants(self) -> str:
        rows = []
        for kind in self.standing.audit.kinds:
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
            killed = "" if rate is None else f"{rate:.1%}"
            rows.append((kind.name, kind.domain, *counted, killed, bar(rate or 0)))
        if not rows:
            return ""
        outcomes = ("killed", "survived", "idle", "equivalent", "not judged")
        columns = ("mutation", "domain", *outcomes, "kill rate", "")
        return "<h2>Mutants of the references</h2>" + table(columns, rows, range(2, 8))

    def _guesses(self) -> str:
        rows = []
        for rate in self.standing.audit.whole.rates:
            hits = [
                (one.id, one.category)
                for one in self.standing.audited.values()
                if rate.scope in ("all", one.category) and rate.rule in one.loaded("guesses")
            ]
            anchor = f"guess-{rate.scope}-{rate.rule}".replace(" ", "-")
            count = self._behind(len(hits), anchor, f"{rate.scope}: {rate.rule}", hits)
            verdict = "guessable by declaration" if rate.guessable else "pays" if rate.pays else ""
            rows.append((rate.scope, rate.rule, count if hits else rate.hits, f"{rate.share:.1%}",
                         f"{rate.allowed:.0%}", verdict))  # fmt: skip
        if not rows:
            return ""
        columns = ("where", "rule", "right", "share", "allowed", "")
        return "<h2>Guesses</h2>" + table(columns, rows, (2, 3, 4))

    def _answers(self) -> str:
        by_category: defaultdict[str, defaultdict[str, list[str]]]
        by_category = defaultdict(lambda: defaultdict(list))
        for one in self.standing.audited.values():
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
                         bar(even)))  # fmt: skip
        if not rows:
            return ""
        columns = ("category", "audited", "different answers", "with the commonest", "share",
                   "entropy, bits", "of the most there could be")  # fmt: skip
        return "<h2>Answers</h2>" + table(columns, rows, range(1, 6))

    def _overlap(self) -> str:
        shared = dict(self.standing.audit.whole.overlap)
        others = shared.pop("instances", 0)
        if not others:
            return ""
        rows = [(what, n, f"{n / others:.1%}", bar(n / others)) for what, n in shared.items()]
        text = f"<p>Of {others:,} audited instances of valid and test.</p>"
        columns = ("shared with train", "instances", "share", "")
        return f"<h2>Train and test</h2>{text}{table(columns, rows, (1, 2))}"

    def _quarantine(self) -> str:
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
            f"<p>{read:,} records were read and {made:,} became tasks; the other records are here,"
            " and the tasks and categories that verify or the audit found something wrong with.</p>"
        )
        return f"<h2>Quarantine</h2>{text}" + table(("reason", "of a", "number"), rows, (2,))

    def _time(self) -> str:
        results = sorted(self.standing.verified.values(), key=lambda one: -one.wall_s)
        if not results:
            return "<h2>Run time</h2><p>Not verified yet: <code>taskkit verify</code>.</p>"
        times = sorted(1000 * one.wall_s / max(1, one.repeats) for one in results)
        at = {
            share: times[min(len(times) - 1, int(share * len(times)))] for share in (0.5, 0.95, 1)
        }
        text = (
            f"<p>One play of a reference: median {at[0.5]:.0f} ms, 95 % below {at[0.95]:.0f} ms, "
            f"longest {at[1]:.0f} ms.</p>"
        )
        rows = [
            (self._one(r.id, "slow"), r.category, f"{1000 * r.wall_s / max(1, r.repeats):.0f}")
            for r in results[:EXTREMES]
        ]
        return f"<h2>Slowest</h2>{text}" + table(("instance", "category", "ms"), rows, (2,))

    def _size(self) -> str:
        found = sorted(
            self.standing.audited.values(), key=lambda r: -r.loaded("facts").get("reference", 0)
        )
        if not found:
            return ""
        tables = Counter(len(one.loaded("facts").get("tables", ())) for one in found)
        spread = ", ".join(f"{n} tables: {count:,}" for n, count in sorted(tables.items()))
        rows = [
            (self._one(r.id, "large"), r.category, r.loaded("facts")["reference"],
             ", ".join(r.loaded("facts")["tables"]))
            for r in found[:EXTREMES]
        ]  # fmt: skip
        columns = ("instance", "category", "characters", "tables")
        return f"<h2>Largest references</h2><p>{shown(spread)}</p>" + table(columns, rows, (2,))

    def _one(self, id: str, why: str) -> Markup:
        """Link an instance to what it asks."""
        anchor = f"{why}-{id}"
        self.groups[anchor] = (id, [(id, "")])
        return link(id, anchor)

    def _lists(self) -> str:
        parts = "".join(self._list(anchor, *group) for anchor, group in self.groups.items())
        return f"<h2>Instances</h2>{parts}"

    def _list(self, anchor: str, title: str, items: list[tuple[str, str]]) -> str:
        lines = "".join(self._item(id, remark) for id, remark in items[:LISTED])
        more = len(items) - LISTED
        rest = f"<li>and {more:,} more, in the results beside the taskset</li>" if more > 0 else ""
        return (
            f'<details id="{shown(anchor)}"><summary>{shown(title)} '
            f'<span class="soft">{len(items):,}</span></summary><ul>{lines}{rest}</ul></details>'
        )

    def _item(self, id: str, remark: str) -> str:
        asked = self._asked(id)
        parts = [f"<code>{shown(id)}</code>", shown(asked), f"<small>{shown(remark)}</small>"]
        return (
            f"<li>{'<br>'.join(part for part in parts if part and part != '<small></small>')}</li>"
        )

    def _asked(self, id: str) -> str:
        """Give the question of an instance; empty where it is a record of the quarantine."""
        record = self.standing.audited.get(id)
        if record is None or "spec_invalid" in record.codes:
            return ""
        path = self.taskset.path / record.file
        return self.taskset.read(path).instruction.split("\n\n")[0] if path.is_file() else ""


def write_report(taskset: Path, target: Path) -> None:
    """Write the report of a taskset to a file.

    Raises:
        UsageError: there is no taskset, or its results cannot be read.
        SpecError: one of its files is not as it should be.
    """
    report = Report(Taskset(taskset), ProofStatus.of(taskset))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(report.html(), "utf-8")
