"""What every domain has to keep; a test of a domain is one call."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from taskkit.audit.audit import Audit
from taskkit.audit.auditor import Auditing
from taskkit.audit.finding import EXPLAINED
from taskkit.audit.record import Records, records_path
from taskkit.build.domain import Domain
from taskkit.build.driver import Order, run
from taskkit.sandbox.choose import Choice, choose
from taskkit.taskset.filter import Filter
from taskkit.taskset.validate import validate
from taskkit.verify.proof import Proving
from taskkit.verify.results import Results
from taskkit.verify.verification import Verification, results_path


def check_domain(
    folder: Path,
    work: Path,
    *,
    count: int = 20,
    source: Path | None = None,
    questions: Path | None = None,
    options: BaseModel | None = None,
    sandbox: Choice = "auto",
    unsafe: bool = False,
) -> Path:
    """Build a domain, and check that it keeps what all domains keep.

    It builds the same bytes with one process and with two; every task is valid; every reference
    earns its reward twice; no exploit passes. Mutants that survive are no fault here.

    Args:
        folder: The domain's, with `domain.yaml`.
        work: An empty folder for what is made.
        count: Tasks to build.
        source: What `--source` names.
        questions: What `--questions` names.
        options: An instance of the builder's `Options`; the defaults where not given.

    Returns:
        The taskset.

    Raises:
        AssertionError: it does not keep one of these; the message names the tasks.
        TaskkitError: it cannot be built.
    """
    domain = Domain.read(folder)
    chosen = options if options is not None else domain.builder().Options()
    made = []
    for jobs in (1, 2):
        out = work / f"jobs-{jobs}" / domain.manifest.name
        order = Order(domain, chosen, out, source, questions, limit=count, jobs=jobs)
        built = run(order)
        assert built.counts.total, f"{out}: no task was made: {built.rejected}"
        made.append(out)
    first, second = made
    assert contents(first) == contents(second), f"{first} and {second}: other bytes with more jobs"
    findings = validate(first, jobs=1).findings
    assert not findings, "\n".join(map(str, findings[:10]))
    check_verified(first, work / "cache", sandbox, unsafe=unsafe)
    check_attacked(first, work / "cache", sandbox, unsafe=unsafe)
    return first


def contents(taskset: Path) -> dict[str, bytes]:
    """Give every file of a taskset by its path."""
    return {
        str(path.relative_to(taskset)): path.read_bytes()
        for path in sorted(taskset.rglob("*"))
        if path.is_file()
    }


def check_verified(taskset: Path, cache: Path, sandbox: Choice, *, unsafe: bool = False) -> None:
    """Check that every reference earns its reward twice, with the same answer."""
    backend = choose(sandbox, unsafe=unsafe)
    proving = Proving(taskset, cache, sandbox, unsafe, 2)
    results = Results(results_path(taskset))
    try:
        Verification(proving, results, Filter(), backend.name).run(1, fail_fast=False)
        failed = [
            f"{one.file}: {one.code}: {one.detail}" for one in results if one.code != "verified"
        ]
    finally:
        results.close()
    assert not failed, "\n".join(failed[:10])


def check_attacked(taskset: Path, cache: Path, sandbox: Choice, *, unsafe: bool = False) -> None:
    """Check that nothing but a solution is rewarded, and that the audit runs to its end."""
    backend = choose(sandbox, unsafe=unsafe)
    records = Records(records_path(taskset))
    try:
        auditing = Auditing(taskset, cache, sandbox, unsafe)
        Audit(auditing, records, Filter(), backend.name).run(1)
        failed = [
            f"{one.file}: {code}: {EXPLAINED[code]}"
            for one in records
            for code in one.codes.split()
            if code.startswith("passes_") or code in BROKEN
        ]
    finally:
        records.close()
    assert not failed, "\n".join(failed[:10])


BROKEN = {
    *(
        "oracle_visible",
        "spec_invalid",
        "asset_invalid",
        "sandbox_failed",
        "plugin_failed",
        "internal_error",
    ),
    *("clock_dependent", "environment_dependent"),
}
"""Codes of an audit that no set may have."""
