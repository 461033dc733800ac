"""Every finding code has a task that deserves it, and gets it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

import pytest

from taskkit.audit.audit import Summary
from taskkit.audit.auditor import Auditing
from taskkit.audit.finding import EXPLAINED, InstanceCode, SetCode
from taskkit.audit.record import Record
from taskkit.errors import SandboxError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.play.episode import Episode, Submission
from taskkit.play.stage import Stage
from taskkit.sandbox.namespace import availability
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.task import TaskSpec
from taskkit.verify.proof import Job
from tests.audit.ward import BAD, audited, bad, build

SABOTAGED = {
    "passes_failed_program", "passes_retry", "sandbox_failed", "internal_error", "plugin_failed",
}  # fmt: skip
"""What no task can cause: the environment itself must be broken for it."""
OF_PREDICTIONS = {"passes_trivial"}
"""What tests/prediction/test_probes.py plants: only tasks of predictions have it."""
NEEDS_ISOLATION = {"oracle_visible"}
OF_THE_SET = {"guessable", "majority"}
GOOD = {
    "instruction": "How many mg of drugs were given to patient 3 in all?",
    "answer": {"kind": "number"},
    "oracle": {"kind": "exact", "expected": 323.5},
    "sql": "select sum(dose) from prescriptions where subject_id = 3",
}
CODES = sorted(path.stem for path in BAD.glob("*.yaml"))


def codes() -> set[str]:
    found: set[str] = set()
    for part in get_args(InstanceCode):
        found |= {part} if isinstance(part, str) else set(get_args(part))
    return found | set(get_args(SetCode))


def test_every_code_has_a_bad_task_or_a_broken_environment() -> None:
    assert codes() == set(CODES) | SABOTAGED | OF_PREDICTIONS == set(EXPLAINED)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Summary, dict[str, Record]]]:
    """The audit of one set with all bad tasks, each in a category named after its code."""
    tasks = [GOOD, *(one | {"category": code} for code in CODES for one in bad(code))]
    taskset = build(tmp_path_factory.mktemp("bad") / "set", tasks)
    sandbox = "subprocess" if availability() else "namespace"
    summary, records = audited(taskset, sandbox=sandbox)
    yield summary, {one.id: one for one in records}
    records.close()


@pytest.mark.parametrize("code", sorted(set(CODES) - OF_THE_SET))
def test_a_bad_task_is_caught_with_its_code(
    found: tuple[Summary, dict[str, Record]], code: str
) -> None:
    if code in NEEDS_ISOLATION and (why := availability()):
        pytest.skip(why)
    summary, records = found
    assert summary.by_category[code][code] >= 1, [
        one.codes for one in records.values() if one.category == code
    ]
    assert not summary.holds


def test_each_probe_of_an_answer_finds_its_fault(
    found: tuple[Summary, dict[str, Record]],
) -> None:
    if why := availability():
        pytest.skip(why)
    assert {"search", "amid", "dump", "empty", "type"} <= set(found[0].exploits)


def test_a_good_task_among_bad_ones_is_not_blamed(
    found: tuple[Summary, dict[str, Record]],
) -> None:
    summary, records = found
    assert records["ward-0"].codes == ""
    assert summary.by_category["count"]["sound"] == 1
    assert records["ward-0"].attempts > 50
    assert records["ward-0"].loaded("fates").count(["predicate_dropped", "killed"]) == 1


@pytest.mark.parametrize("code", sorted(OF_THE_SET))
def test_a_guess_that_pays_is_held_against_the_category(
    found: tuple[Summary, dict[str, Record]], code: str
) -> None:
    summary, _ = found
    assert (code, code) in {(rate.scope, rate.code) for rate in summary.whole.paying}


def crews_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Audit in this process, where a sabotage is seen."""

    class Here:
        def __init__(self, size: int, make: Auditing, *, together: int) -> None:
            self._hand = make()

        def run(
            self, jobs: Iterable[Job], lane: Callable[[Job], Hashable]
        ) -> Iterator[tuple[Job, Record]]:
            return ((job, self._hand.do(job)) for job in jobs)

        def close(self) -> None:
            self._hand.close()

    monkeypatch.setattr("taskkit.audit.audit.Pool", Here)


def test_an_environment_that_reads_what_failed_programs_print_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lenient(self: Episode, program: Program, outcome: Outcome) -> None:
        left = outcome.stdout.encode()
        verdict = judge(self.spec, Evidence(left, program.language))
        self.submissions.append(Submission(verdict, left, program.language))

    crews_here(monkeypatch)
    monkeypatch.setattr(Episode, "_submit", lenient)
    summary, records = audited(build(tmp_path / "set", [GOOD]))
    records.close()
    assert summary.codes["passes_failed_program"] == 1
    assert {"crash", "exit"} <= set(summary.exploits)


def test_an_environment_that_takes_answers_without_end_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crews_here(monkeypatch)
    opened = Stage.episode

    def lenient(self: Stage, spec: TaskSpec) -> AbstractContextManager[Episode]:
        return opened(self, spec.model_copy(update={"max_submissions": spec.max_submissions + 1}))

    monkeypatch.setattr(Stage, "episode", lenient)
    summary, records = audited(build(tmp_path / "set", [GOOD]))
    records.close()
    assert dict(summary.codes) == {"passes_retry": 1}


def test_a_sandbox_that_fails_is_no_finding_on_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Episode, *_: object) -> None:
        raise SandboxError("sandbox: out of order")

    crews_here(monkeypatch)
    taskset = build(tmp_path / "set", [GOOD])
    with monkeypatch.context() as patch:
        patch.setattr(Episode, "step", broken)
        summary, records = audited(taskset)
        records.close()
    assert dict(summary.codes) == {"sandbox_failed": 1}
    again, records = audited(taskset)
    records.close()
    assert (again.done, again.sound) == (1, 1), "it is tried again"
