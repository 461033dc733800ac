"""What verify and audit found lies beside the set, with its reasons, and goes when it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.audit.proof_status import ProofStatus
from taskkit.audit.quarantine import quarantine_path, read_quarantine, write_quarantine
from taskkit.spec.quarantine import QuarantineLine
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset
from taskkit.verify.proof import Proving
from taskkit.verify.results import Results
from taskkit.verify.verification import Verification, results_path
from tests.audit.test_bad_tasks import GOOD
from tests.audit.ward import audited, bad, build

WRONG = {**GOOD, "oracle": {"kind": "exact", "expected": 1}, "instruction": "How many mg at most?"}
TASKS = [GOOD, WRONG, *bad("weak"), *bad("near_duplicate")]


def verify(taskset: Path) -> None:
    results = Results(results_path(taskset))
    proving = Proving(taskset, taskset.parent / "cache", "subprocess", True, 1)
    Verification(proving, results, Filter(), "subprocess").run(1, fail_fast=False)
    results.close()


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("quarantine") / "set", TASKS)
    verify(path)
    audited(path)[1].close()
    write_quarantine(path)
    return path


def by_code(taskset: Path) -> dict[str, list[QuarantineLine]]:
    found: dict[str, list[QuarantineLine]] = {}
    for line in read_quarantine(taskset):
        found.setdefault(line.code, []).append(line)
    return found


def test_a_reference_that_fails_is_put_aside_with_both_values(taskset: Path) -> None:
    (line,) = by_code(taskset)["reference_wrong"]
    assert (line.instance, line.record) == ("ward-1", "1")
    assert "323.5" in line.detail
    assert line.evidence == {"found_by": "verify", "sandbox": "subprocess"}


def test_a_finding_of_the_audit_is_put_aside_with_its_evidence(taskset: Path) -> None:
    lines = by_code(taskset)["weak"]
    assert all(line.instance and line.detail for line in lines)
    assert lines[0].evidence is not None
    assert lines[0].evidence["found_by"] == "mutants"


def test_a_twin_names_the_other(taskset: Path) -> None:
    (line,) = by_code(taskset)["near_duplicate"]
    assert line.evidence is not None
    assert line.evidence["other"] != line.instance


def test_what_is_put_aside_and_what_is_proved_make_up_the_set(taskset: Path) -> None:
    aside = {line.instance for line in read_quarantine(taskset) if line.instance}
    proved = ProofStatus.of(taskset).proved
    assert proved
    assert not proved & aside
    assert proved | aside == {path.stem for path in Taskset(taskset).paths()}


def test_a_category_where_a_guess_pays_has_a_line_of_its_own(tmp_path: Path) -> None:
    path = build(tmp_path / "set", bad("majority"))
    audited(path)[1].close()
    write_quarantine(path)
    lines = by_code(path)["majority"]
    assert {(line.record, line.instance) for line in lines} == {("count", None), ("all", None)}


def test_a_mended_task_is_put_back(tmp_path: Path) -> None:
    path = build(tmp_path / "set", [WRONG])
    verify(path)
    assert write_quarantine(path) == 1
    (file,) = Taskset(path).paths()
    file.write_text(file.read_text().replace("expected: 1", "expected: 323.5"))
    assert write_quarantine(path) == 0, "what was found of other content says nothing"
    assert not ProofStatus.of(path).verified
    verify(path)
    assert write_quarantine(path) == 0
    assert quarantine_path(path).read_bytes() == b""
