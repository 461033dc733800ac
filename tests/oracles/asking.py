"""Tasks that ask for one value, and the verdict over what is handed in."""

from __future__ import annotations

import json
from typing import Any

from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import judge
from taskkit.spec.task import TaskSpec
from tests.play.hospital import task

INTEGER = {"kind": "integer"}
NUMBER = {"kind": "number"}
STRING = {"kind": "string"}
BOOLEAN = {"kind": "boolean"}
SECOND = {"kind": "date"}
MINUTE = {"kind": "date", "precision": "minute"}
DAY = {"kind": "date", "precision": "day"}
ANY_TABLE = {"kind": "table"}
DRUGS = {
    "kind": "table",
    "columns": [
        {"name": "drug", "type": STRING},
        {"name": "dose", "type": NUMBER, "nullable": True},
    ],
}


def collection(kind: str, item: dict[str, Any] = INTEGER, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "item": item, **more}


def asks(
    answer: dict[str, Any], expected: Any, *, abstention: bool = False, **t: float
) -> TaskSpec:
    oracle = {"kind": "exact", "expected": expected, "tolerance": t}
    return task("0" * 64, answer=answer, oracle=oracle, abstention=abstention)


def code(spec: TaskSpec, value: Any) -> str:
    return judge(spec, Evidence(json.dumps(value).encode(), "python")).code


def sql(spec: TaskSpec, *rows: list[Any], columns: int | None = None) -> str:
    names = [f"c{i}" for i in range(len(rows[0]) if columns is None else columns)]
    document = json.dumps({"columns": names, "rows": rows}).encode()
    return judge(spec, Evidence(document, "sql")).code
