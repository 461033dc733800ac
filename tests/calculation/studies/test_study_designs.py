"""Studies are planned alike by the design and by the program; a wrong label is traced."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest

from taskkit.build.draft import published_split
from taskkit.build.rejection import Rejection

pytest.importorskip("scipy")

from taskkit.build.domain import shipped
from taskkit.calculation.studies.families import FAMILIES
from taskkit.calculation.studies.program import Target
from taskkit.calculation.studies.published import (
    ForeignError,
    Question,
    plan,
    read_npower,
    recomputed,
    slip,
)
from taskkit.calculation.studies.study import VagueError, study, wordings
from taskkit.errors import SourceError

TEXTS = wordings(shipped() / "npower")


@pytest.mark.parametrize("target", ["size", "power"])
@pytest.mark.parametrize("name", list(FAMILIES))
def test_every_family_gives_studies_whose_program_agrees(name: str, target: Target) -> None:
    made = []
    for number in range(8):
        try:
            made.append(study(name, target, TEXTS[name], Random(f"{number}")))
        except VagueError:
            continue
    assert len({one.text for one in made}) >= 4
    assert all("{" not in one.text and "alpha" in one.code for one in made)


def test_a_study_depends_on_its_seed_alone() -> None:
    once, again = (study("cox", "size", TEXTS["cox"], Random("7")) for _ in range(2))
    assert once == again


def test_a_wrong_answer_is_traced_to_its_slip() -> None:
    text = "aged 60: 10.0 units, deviation 38, for 2 months, r 0.5, of 53 adults"
    asked = Question("f:1", (3, "power"), "power", text, 0.512912771360268)
    made = plan(asked)
    assert recomputed(made, "power") == pytest.approx(0.5957, abs=2e-3)
    assert slip(asked, made) == "computed with 42 pairs"


def test_a_question_of_no_template_is_refused() -> None:
    with pytest.raises(ForeignError, match="unknown"):
        plan(Question("f:1", (9, "size"), "size", "", 1.0))
    with pytest.raises(ForeignError, match="1 numbers in it"):
        plan(Question("f:1", (1, "size"), "size", "only 5", 1.0))


@pytest.mark.parametrize(
    "line",
    [
        '{"task_id": 1',
        json.dumps({"task_id": 1}),
        json.dumps({"task_id": 1, "estimate_target": "n"}),
        '{"task_id": 1, "estimate_target": "size", "question": "a", "answer": 1%s}' % ("0" * 400),
        '{"task_id": 1e999, "estimate_target": "size", "question": "a", "answer": 1}',
    ],
)
def test_a_broken_record_is_put_aside_by_itself(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tasks.jsonl"
    good = {"task_id": 1, "estimate_target": "size", "question": "a\u2028b", "answer": 5}
    path.write_text(f"{line}\n{json.dumps(good, ensure_ascii=False)}\n\n", "utf-8")
    broken, kept = read_npower(path)
    assert isinstance(broken, Rejection)
    assert isinstance(kept, Question)
    assert re.search(r"tasks\.jsonl:1: .*need task_id", broken.detail)
    assert kept.text == "a\u2028b"


@pytest.mark.parametrize("content", ["no json\n", "[]\n", "\n"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(content)
    with pytest.raises(SourceError, match=r"tasks\.jsonl: no JSON object on any line: need"):
        list(read_npower(path))


def test_the_publishers_split_is_told_by_a_word_of_the_files_name() -> None:
    named = {
        name: published_split(Path(name))
        for name in ("test_tasks.jsonl", "v1-train.csv", "latest.csv")
    }
    assert named == {"test_tasks.jsonl": "test", "v1-train.csv": "train", "latest.csv": None}


def test_a_missing_file_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="need N-PowerAI's"):
        list(read_npower(tmp_path / "absent.jsonl"))
