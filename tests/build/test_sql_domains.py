"""`taskkit build treqs` and `seqsql`, from a source to a proved taskset."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from tests.ehr.upstream import upstream

pytestmark = pytest.mark.slow
UNGUARDED = ("--sandbox", "subprocess", "--unsafe")


def taskkit(*words: str | Path, cwd: Path) -> dict[str, Any]:
    """Run a command that must succeed; give its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "taskkit", *map(str, words), "--json"],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def prove(out: Path) -> None:
    """See that every task of a set is valid and proved."""
    assert taskkit("validate", out, cwd=out)["findings"] == []
    summary = taskkit("verify", out, "-k", "1", *UNGUARDED, cwd=out)
    assert summary["codes"] == {"verified": Taskset(out).manifest.counts.total}


@pytest.mark.parametrize("domain", ["treqs", "seqsql"])
def test_the_embedded_source_gives_a_proved_set(tmp_path: Path, domain: str) -> None:
    out = tmp_path / domain
    words = ("--patients", "200", "--limit", "150", "--out", out)
    assert taskkit("build", domain, *words, cwd=tmp_path)["tasks"]["total"] == 150
    turns = {len(spec.dialogue) for spec in Taskset(out).specs()}
    assert turns == {1} if domain == "treqs" else turns <= {2, 3, 4, 5}
    prove(out)


def ehr_seqsql(specs: Iterable[TaskSpec]) -> list[dict[str, Any]]:
    """Records in the form of EHR-SeqSQL's data.json, written from dialogues of our own."""
    return [
        {
            "id": number,
            "department": "[]",
            "importance": "n/a",
            "seed_question": "what the dialogue is to lead up to",
            "value": {},
            "question": [turn.instruction.split("\n\n")[0] for turn in spec.dialogue],
            "question_template": ["" for _ in spec.dialogue],
            "seqsql": ["" for _ in spec.dialogue],
            "sql": [turn.reference.steps[-1].model_dump()["code"] for turn in spec.dialogue],
            "random_split": "dev" if spec.split == "valid" else spec.split,
            "compositional_split": "train",
        }
        for number, spec in enumerate(specs)
    ]


def test_a_file_in_the_form_of_ehr_seqsql(tmp_path: Path) -> None:
    few = ("--patients", "200")
    taskkit("build", "seqsql", *few, "--count", "60", "--out", tmp_path / "own", cwd=tmp_path)
    own = {tuple(one["sql"]): one for one in ehr_seqsql(Taskset(tmp_path / "own").specs())}
    lost = {**next(iter(own.values())), "id": "lost", "sql": ["select 1"]}
    (tmp_path / "data.json").write_text(json.dumps([*own.values(), lost]))
    out = tmp_path / "read"
    words = ("--questions", tmp_path / "data.json", "--out", out)
    built = taskkit("build", "seqsql", *few, *words, cwd=tmp_path)
    assert (built["read"], built["tasks"]["total"]) == (61, 60)
    assert built["rejected"] == {"malformed_record": 1}
    splits = Counter(one["random_split"].replace("dev", "valid") for one in own.values())
    assert built["tasks"]["by_split"] == splits
    for spec in Taskset(out).specs():
        code = tuple(turn.reference.steps[-1].model_dump()["code"] for turn in spec.dialogue)
        assert [turn.instruction.split("\n\n")[0] for turn in spec.dialogue] == own[code][
            "question"
        ]
    prove(out)


def test_mimicsql_questions_over_the_open_demo(tmp_path: Path) -> None:
    questions = upstream("treqs") / "mimicsql_natural_v2" / "dev.json"
    out = tmp_path / "treqs"
    words = ("--source", upstream("mimic-iii-demo-1.4"), "--questions", questions, "--reground")
    built = taskkit("build", "treqs", *words, "--out", out, cwd=tmp_path)
    assert built["read"] == 1000
    assert built["tasks"]["total"] >= 850
    prove(out)
