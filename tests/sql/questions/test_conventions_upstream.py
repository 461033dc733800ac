"""The conventions that the agent is told are those of the published queries, counted."""

from __future__ import annotations

import re
from functools import cache

import pytest

from taskkit.sql.questions.convention import contradictions
from taskkit.sql.questions.published import Flavour, Published
from taskkit.sql.questions.publisher import read_questions
from tests.ehr.upstream import upstream

SETS: dict[str, tuple[str, Flavour, str]] = {
    "mimic": ("ehrsql/mimic_iii", "ehrsql", "mimic_iii"),
    "eicu": ("ehrsql/eicu", "ehrsql", "eicu"),
    "mimic-iv": ("ehrsql-2024", "ehrsql-2024", "mimic_iv"),
}
LAST_YEAR = r"\b(?:last|previous) year\b|\ba year before\b"
CALENDAR = r"'start of year', ?'-1 year'"
TOP = r"\b(?:most|top)\b.*\b(?:frequent|common)"
NUMBER = r"\b(?:daily|monthly|yearly) number of patients"
STAYS = r"count\( *distinct \S*(?:hadm_id|patienthealthsystemstayid|patientunitstayid)"
LAST_VISIT = r"\blast hospital (?:visit|stay|encounter)"
ENDED = r"(?:dischtime|dischargetime) is not null.*time desc limit 1"


@cache
def asked(name: str) -> tuple[Published, ...]:
    path, flavour, database = SETS[name]
    records = read_questions(upstream(path), flavour=flavour, db_id=database)
    return tuple(one for one in records if isinstance(one, Published) and one.sql)


@pytest.mark.parametrize(
    ("name", "words", "query", "number"),
    [
        ("mimic", LAST_YEAR, CALENDAR, 66), ("eicu", LAST_YEAR, CALENDAR, 69),
        ("mimic-iv", LAST_YEAR, CALENDAR, 149),
        ("mimic", TOP, "dense_rank", 119), ("eicu", TOP, "dense_rank", 114),
        ("mimic-iv", TOP, "dense_rank", 833),
        ("mimic", r"\bpercentile\b", "percent_rank", 4),
        ("eicu", r"\bpercentile\b", "percent_rank", 4),
        ("mimic-iv", r"\bpercentile\b", "percent_rank", 67),
        ("mimic", NUMBER, STAYS, 4), ("mimic-iv", NUMBER, STAYS, 33),
        ("mimic", LAST_VISIT, ENDED, 27), ("eicu", LAST_VISIT, ENDED, 19),
        ("mimic-iv", LAST_VISIT, ENDED, 309),
        ("mimic-iv", r"\bevents\b(?<!put events)", "outputevents", 21),
        ("mimic", r"\bor more times\b", ">= \\d", 6), ("mimic", r"\btwo times\b", "= 2", 6),
        ("mimic", r"\bsurvival rate\b", r"\* 100 / count", 8),
    ],
)  # fmt: skip
def test_a_wording_has_one_meaning_in_the_published_queries(
    name: str, words: str, query: str, number: int
) -> None:
    said = [one for one in asked(name) if re.search(words, one.text, re.IGNORECASE)]
    kept = [one for one in said if re.search(query, str(one.sql), re.IGNORECASE | re.DOTALL)]
    assert [one.text for one in said if one not in kept] == []
    assert len(said) == number


@pytest.mark.parametrize(("name", "number"), [("mimic", 4), ("eicu", 1), ("mimic-iv", 0)])
def test_questions_whose_words_part_from_their_query_are_few(name: str, number: int) -> None:
    parted = [one for one in asked(name) if any(contradictions(one.text, str(one.sql)))]
    assert len(parted) == number
