"""Sets of published questions come with a document of the publisher's conventions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from taskkit.build.protocol import Request
from taskkit.builders.eicu import EicuBuilder
from taskkit.builders.mimic import MimicBuilder
from taskkit.builders.mimic_iv import MimicIvBuilder
from taskkit.builders.seqsql import SeqsqlBuilder
from taskkit.builders.treqs import TreqsBuilder
from taskkit.sql.clinical import CONVENTIONS, TITLE, ClinicalBuilder, documents

DOMAINS = Path(__file__).parents[2] / "domains"
BUILDERS: list[ClinicalBuilder] = [
    MimicBuilder(), EicuBuilder(), MimicIvBuilder(), SeqsqlBuilder(), TreqsBuilder()
]  # fmt: skip
EHRSQL_TOPICS = (
    "tied", "percent_rank", "cut off and not rounded", "calendar year before", "have ended",
    "output events", "different patients", "exact", "pair of the event", "once",
)  # fmt: skip


def given(builder: ClinicalBuilder, questions: Path | None) -> dict[str, str]:
    request = Request(folder=DOMAINS / builder.name, options=cast(Any, None), workdir=Path(),
                      questions=questions)  # fmt: skip
    return documents(builder.home(request.folder), request)


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda one: one.name)
def test_published_questions_come_with_their_conventions(builder: ClinicalBuilder) -> None:
    assert list(given(builder, Path("questions"))) == [TITLE, CONVENTIONS]
    assert list(given(builder, None)) == [TITLE]


@pytest.mark.parametrize("name", ["mimic", "eicu", "mimic-iv"])
def test_every_convention_that_answers_hang_on_is_said(name: str) -> None:
    text = (DOMAINS / name / "documents" / "published.md").read_text("utf-8")
    assert [topic for topic in EHRSQL_TOPICS if topic not in " ".join(text.split())] == []


def test_treqs_says_what_is_counted_and_averaged() -> None:
    text = " ".join((DOMAINS / "treqs" / "documents" / "published.md").read_text("utf-8").split())
    for topic in (
        "different patients",
        "over rows, not over patients",
        "count once",
        "expire_flag",
    ):
        assert topic in text
