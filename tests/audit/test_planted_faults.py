"""Every kind of mutant and probe is tried on a task with the fault that it is for, and finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from taskkit.audit.attack import right
from taskkit.audit.audit import Summary
from taskkit.audit.finding import EXPLAINED
from taskkit.audit.mutant import MutationKind
from taskkit.audit.probe import Guess, Subject, probes
from taskkit.audit.probes.guesses import RuleProbe
from taskkit.audit.record import Record
from taskkit.build.domain import domains
from taskkit.fhir.mutants import written
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.judge import judge
from taskkit.oracles.registry import judges
from taskkit.oracles.verdict import Verdict
from taskkit.play.episode import Episode, Submission
from taskkit.play.stage import Stage
from taskkit.pool.pool import Bug
from taskkit.sandbox.choose import choose
from taskkit.sandbox.namespace import availability
from taskkit.sandbox.protocol import Outcome, Program
from tests.audit.test_bad_tasks import GOOD, crews_here
from tests.audit.test_programs import by_kind, code, fates, spec
from tests.audit.ward import audited, build
from tests.spec.example import task

ROOT = Path(__file__).parents[2]
NUMBER = {"kind": "number"}
WEAK: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "predicate_dropped": (
        "How often was patient 1 admitted on medicare?",
        "select count(*) from admissions where subject_id = 1 and insurance = 'medicare'", 1, {},
    ),
    "predicate_negated": (
        "How often was patient 4 admitted on private insurance?",
        "select count(*) from admissions where subject_id = 4 and insurance = 'private'", 1, {},
    ),
    "aggregate": (
        "How old was patient 1 at most when admitted?",
        "select max(age) from admissions where subject_id = 1", 50.5, NUMBER,
    ),
    "distinct": (
        "How many kinds of insurance has patient 1 had?",
        "select count(distinct insurance) from admissions where subject_id = 1", 1, {},
    ),
    "sort": (
        "How old was patient 1 at the first admission?",
        "select age from admissions where subject_id = 1 order by admittime limit 1", 50.5, NUMBER,
    ),
    "limit": (
        "In which stay was patient 1 admitted first?",
        "select hadm_id from admissions where subject_id = 1 order by admittime limit 1", 11, {},
    ),
    "join": (
        "How many stays has patient 1?",
        "select count(*) from patients p join admissions a on a.subject_id = p.subject_id"
        " where p.subject_id = 1", 1, {},
    ),
    "bound": (
        "How often was patient 1 admitted above the age of 39?",
        "select count(*) from admissions where subject_id = 1 and age > 39", 1, {},
    ),
    "constant": (
        "How often was patient 5 admitted on private insurance?",
        "select count(*) from admissions where subject_id = 5 and insurance = 'private'", 1, {},
    ),
    "window": (
        "How often was patient 1 admitted before 2100-05-01?",
        "select count(*) from admissions where subject_id = 1"
        " and admittime < datetime('2100-05-01', 'start of day')", 1, {},
    ),
    "arithmetic": (
        "How many years lie between the first and the last age of patient 1 when admitted?",
        "select max(age) - min(age) from admissions where subject_id = 1", 0.0, NUMBER,
    ),
}  # fmt: skip
"""A task for each kind of a query's mutants: on these data one of that kind is right."""


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Record]]:
    tasks = [
        {
            "category": kind, "instruction": text, "sql": sql,
            "answer": answer or {"kind": "integer"},
            "oracle": {"kind": "exact", "expected": expected},
        }
        for kind, (text, sql, expected, answer) in WEAK.items()
    ]  # fmt: skip
    _, records = audited(build(tmp_path_factory.mktemp("weak") / "set", tasks))
    yield {one.category: one for one in records}
    records.close()


@pytest.mark.parametrize("kind", WEAK)
def test_a_mutant_of_a_query_that_earns_the_reward_is_found(
    weak: dict[str, Record], kind: str
) -> None:
    survivors = weak[kind].loaded("survivors")
    assert "weak" in {one["fate"] for one in survivors if one["kind"] == kind}
    assert "weak" in weak[kind].codes


def sabotaged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: Any,
    verdict: Any = judge,
    sandbox: str = "subprocess",
) -> Summary:
    """Audit a good task where programs leave, and the judge takes, what they should not."""

    def submit(self: Episode, program: Program, outcome: Outcome) -> None:
        document = left(outcome)
        made = verdict(self.spec, Evidence(document, program.language))
        self.submissions.append(Submission(made, document, program.language))

    crews_here(monkeypatch)
    monkeypatch.setattr(Episode, "_submit", submit)
    summary, records = audited(build(tmp_path / "set", [GOOD]), sandbox=sandbox)
    records.close()
    return summary


def test_an_environment_that_takes_the_first_line_printed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = sabotaged(tmp_path, monkeypatch, lambda o: o.stdout.partition("\n")[0].encode())
    assert {"crash", "exit", "flood"} <= set(summary.exploits)


def test_a_judge_that_looks_for_the_value_in_a_dump_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lenient(spec: Any, evidence: Evidence) -> Verdict:
        held = b"81.5" in (evidence.document or b"")  # one of the doses that the answer sums
        return Verdict("right" if held else "wrong", "")

    if why := availability():
        pytest.skip(why)
    summary = sabotaged(tmp_path, monkeypatch, lambda o: o.document, lenient, "namespace")
    assert "tables" in summary.exploits


def test_an_environment_that_pays_for_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crews_here(monkeypatch)
    monkeypatch.setattr(Episode, "reward", property(lambda self: float(not self.submissions)))
    summary, records = audited(build(tmp_path / "set", [GOOD]))
    records.close()
    assert "null" in summary.exploits


def test_guesses_that_pay_are_found_by_their_rules(tmp_path: Path) -> None:
    tasks = [
        {
            "instruction": f"How many rows has patient {n}, of at most {n} in table {n}?",
            "sql": f"select {value}", "oracle": {"kind": "exact", "expected": value},
        }
        for n, value in ((101, 101), (102, 102), (103, 2), (104, 2))
    ]  # fmt: skip
    summary, records = audited(build(tmp_path / "set", tasks))
    records.close()
    paying = {rate.rule for rate in summary.whole.paying}
    assert {"echo number 1", "echo number last", "always 2"} <= paying


def test_a_guess_of_the_kind_of_judge_that_is_right_is_found() -> None:
    spec = task(
        answer={"kind": "object", "members": [{"name": "deaths", "type": {"kind": "integer"}}]},
        oracle={"kind": "values", "values": [{"name": "deaths", "expected": 0}]},
    )
    guesses = [one for one in RuleProbe().attempts(Subject.of(spec)) if isinstance(one, Guess)]
    assert [one.rule for one in guesses if right(spec, one.answer)] == ["neutral values"]


MAXIMUM = "limit = 50\nanswer = max(age, limit)\n"
FLOORED = "answer = age if age >= 60 else 60\n"


@pytest.mark.parametrize(
    ("kind", "body", "age"), [("operator", MAXIMUM, 50), ("branch", FLOORED, 60)]
)
def test_a_mutant_of_a_program_that_earns_the_reward_is_found(
    tmp_path: Path, kind: str, body: str, age: int
) -> None:
    def none(_: str) -> Any:
        raise AssertionError("no assets")

    with Stage(choose("subprocess", unsafe=True), none, none, tmp_path) as stage:
        others = [code(other, body) for other in (20, 40, 59, 74, 90)]
        found = fates(stage, spec(code(age, body), age), others)
    assert {"idle", "weak"} & set(by_kind(found, kind)), found


def test_other_changes_than_were_asked_for_are_found_where_the_oracle_is_loose() -> None:
    judge_of_state = judges()["state"]
    case = judge_of_state.fixtures().full[0]
    changes = case.evidence.changes["ward"]

    def taken(asked: Any) -> set[str]:
        return {
            one.about
            for one in written(changes)
            if judge_of_state.judge(asked, Evidence(b"3", changes={"ward": one.changes})).reward
        }

    [strict] = case.asked.oracle.changes
    loose = strict.model_copy(update={"elements": (), "free": ("id", "status", "for.reference")})
    oracle = case.asked.oracle.model_copy(update={"changes": (loose,)})
    assert taken(case.asked) == set()
    assert taken(Example(case.asked.answer, oracle)) >= {"code", "patient"}


def test_a_bug_of_ours_is_held_against_no_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def run(self, jobs: Any, lane: Any) -> Iterator[tuple[Any, Bug]]:
            return ((job, Bug("RuntimeError: a bug", "Traceback")) for job in jobs)

        def close(self) -> None: ...

    monkeypatch.setattr("taskkit.audit.audit.Pool", Failing)
    summary, records = audited(build(tmp_path / "set", [GOOD]))
    records.close()
    assert dict(summary.codes) == {"internal_error": 1}


PAGE = ROOT / "docs" / "planted-faults.md"


def section(title: str) -> dict[str, list[str]]:
    """Give the names that a table of the page lists, each with its tests."""
    text = PAGE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0].strip("`"): re.findall(r"`(tests/[^`]+)`", row[-1]) for row in rows[2:]}


def test_every_probe_is_on_the_page() -> None:
    own = {probe.name for known in domains().values() for probe in known.probes()}  # type: ignore[attr-defined]
    assert set(section("Probes")) == {probe.name for probe in probes()} | own


def test_every_finding_is_on_the_page() -> None:
    assert set(section("Findings")) == set(EXPLAINED)


def test_every_kind_of_mutant_is_on_the_page() -> None:
    assert set(section("Mutants")) == set(get_args(MutationKind))


@pytest.mark.parametrize("title", ["Probes", "Findings", "Shuffles and scans", "Mutants"])
def test_the_tests_that_the_page_names_are_there(title: str) -> None:
    rows = section(title)
    assert rows
    for name, tests in rows.items():
        assert tests, name
        for place in tests:
            path, _, test = place.partition("::")
            assert f"\ndef {test}(" in (ROOT / path).read_text(), place
