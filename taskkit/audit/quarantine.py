"""The quarantine of instances: those that verify or the audit found something wrong with.

A build's own quarantine lies in the taskset, which a build replaces whole; this one lies beside
it, in `PATH.results/quarantine.jsonl`, and is written anew at the end of every verify and
audit, from what both have found by then.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from taskkit.audit.record import Record, read_records, records_path
from taskkit.audit.wholeset import Rate, WholeSet, examine
from taskkit.draft import drafted
from taskkit.errors import MissingError, SpecError, blame
from taskkit.lock import alone
from taskkit.spec.quarantine import QuarantineLine, dump_line
from taskkit.taskset.folder import QUARANTINE, Taskset, quarantine_lines
from taskkit.verify.engine_results import read_findings
from taskkit.verify.results import read_results
from taskkit.verify.verification import results_path

UNTOLD = "sandbox_failed"  # says nothing about the instance


def quarantine_path(taskset: Path) -> Path:
    """Give the file of the instances that are not proved: beside the folder, like the results."""
    return records_path(taskset).with_name(QUARANTINE)


def read_quarantine(taskset: Path) -> Iterator[QuarantineLine]:
    """Give the instances put aside so far; none where neither verify nor audit has run.

    Raises:
        SpecError: a line is not as it should be.
    """
    return quarantine_lines(quarantine_path(taskset))


def write_quarantine(taskset: Path, results: Path | None = None) -> int:
    """Write the quarantine from what verify and audit have kept; give the number of its lines.

    Args:
        taskset: The folder.
        results: What verify has kept, where that is not in its usual place.

    Raises:
        UsageError: the results cannot be read.
        MissingError: the file cannot be written.
    """
    target = quarantine_path(taskset)
    count = 0
    with blame(MissingError, f"{target}: could not be written"):
        target.parent.mkdir(parents=True, exist_ok=True)
        busy = alone(target, f"{target}: in use", wait=True)
        with busy, drafted(target) as draft, draft.open("wb") as file:
            for line in _lines(taskset, results or results_path(taskset)):
                file.write(dump_line(line))
                count += 1
    return count


def _lines(taskset: Path, results: Path) -> Iterator[QuarantineLine]:
    """Give a line for every finding on an instance that is still as it was found."""
    files = _Files(Taskset(taskset))
    if results.exists():
        for result in read_results(results):
            if result.code in ("verified", UNTOLD):
                continue
            if record := files.record(result.file, result.sha256):
                yield QuarantineLine(
                    code=result.code,
                    record=record,
                    detail=result.detail,
                    instance=result.id,
                    evidence={"found_by": "verify", "sandbox": result.sandbox},
                )
    for engine, other in read_findings(taskset):
        if record := files.record(other.file, other.sha256):
            yield QuarantineLine(
                code=other.code,
                record=record,
                detail=other.detail,
                instance=other.id,
                evidence={"found_by": engine},
            )
    if (path := records_path(taskset)).exists():
        records = list(read_records(path))
        yield from _audited(files, records, examine(records))


def _audited(files: _Files, records: list[Record], whole: WholeSet) -> Iterator[QuarantineLine]:
    twins = defaultdict(list)
    for twin in whole.twins:
        twins[twin.id].append(twin)
    for one in records:
        findings = [f for f in one.loaded("findings") if f["code"] != UNTOLD]
        if not (findings or twins[one.id]) or not (record := files.record(one.file, one.sha256)):
            continue
        for finding in findings:
            evidence: dict[str, JsonValue] = {"found_by": finding["probe"]}
            if "evidence" in finding:
                evidence["shown"] = finding["evidence"]
            yield QuarantineLine(
                code=finding["code"],
                record=record,
                detail=finding["detail"],
                instance=one.id,
                evidence=evidence,
            )
        for twin in twins[one.id]:
            yield QuarantineLine(
                code=twin.code,
                record=record,
                detail=twin.detail,
                instance=one.id,
                evidence={"other": twin.other, "across_splits": twin.across},
            )
    yield from map(_category, whole.paying)


def _category(rate: Rate) -> QuarantineLine:
    """Give the line on a category, or on the set, where a guess pays; it has no instance."""
    return QuarantineLine(
        code=rate.code,
        record=rate.scope,
        detail=f"{rate.rule}: right for {rate.hits} of {rate.size}, {rate.allowed:.0%} allowed",
        evidence={"rule": rate.rule, "hits": rate.hits, "size": rate.size},
    )


class _Files:
    """The tasks' files as they are now."""

    def __init__(self, taskset: Taskset) -> None:
        self._taskset = taskset

    def record(self, file: str, sha256: str) -> str:
        """Give the source record of a task; empty where its file is gone or has changed.

        Of a file that is no task, the record is the file itself.
        """
        path = self._taskset.path / file
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            return ""
        try:
            return self._taskset.read(path).provenance.record
        except SpecError:
            return file
