"""The published question sets keep their yield over the open demo databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.build.rejection import Rejection
from taskkit.ehr.releases.mimic.options import MimicIvOptions, MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.ehr.releases.mimic_iv.tables import build_mimic_iv
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import (
    PublisherOptions,
    answer_question,
    compare_published,
    read_questions,
)
from taskkit.sql.questions.question import Question
from taskkit.sqlite import connect
from tests.ehr.upstream import upstream

DOMAINS = Path(__file__).parents[3] / "domains"
NOW_III, NOW_IV = "2105-12-31 23:59:00", "2100-12-31 23:59:00"
Records = list[Published | Rejection]
Results = list[Question | Rejection]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mimic_iii(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("iii") / "mimic.sqlite"
    build_mimic_iii(upstream("mimic-iii-demo-1.4"), target, MimicOptions(), DOMAINS / "mimic")
    return target


@pytest.fixture(scope="module")
def mimic_iv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("iv") / "mimic.sqlite"
    build_mimic_iv(upstream("mimic-iv-demo-2.2"), target, MimicIvOptions(), DOMAINS / "mimic-iv")
    return target


def answered(
    records: list[Published | Rejection], path: Path, options: PublisherOptions
) -> Results:
    db = connect(path)
    return [
        answer_question(one, db, options) if isinstance(one, Published) else one for one in records
    ]


def codes(results: Results) -> Counter[str]:
    return Counter(one.code for one in results if isinstance(one, Rejection))


def questions(results: Results) -> Iterator[Question]:
    return (one for one in results if isinstance(one, Question))


def test_regrounding_answers_most_questions_of_ehrsql(mimic_iii: Path) -> None:
    records = read_questions(upstream("ehrsql/mimic_iii"), flavour="ehrsql")
    plain = answered(records, mimic_iii, PublisherOptions(current_time=NOW_III))
    found = answered(records, mimic_iii, PublisherOptions(current_time=NOW_III, reground=True))
    assert len(plain) == len(found) == len(records) == 1122
    assert codes(plain)["unanswerable"] == codes(found)["unanswerable"] == 362
    assert codes(plain)["guessable"] == codes(found)["guessable"] == 86
    assert len(list(questions(plain))) >= 100
    assert len(list(questions(found))) >= 580  # of the 674 that are neither
    texts = Counter(one.text for one in questions(found))
    assert texts.most_common(1)[0][1] <= 4  # questions without slots that the publisher repeats


def test_published_answers_are_reproduced(mimic_iv: Path) -> None:
    records = read_questions(upstream("ehrsql-2024"), flavour="ehrsql-2024")
    db, options = connect(mimic_iv), PublisherOptions(current_time=NOW_IV)
    compared = [
        one
        for record in records
        if isinstance(record, Published) and (one := compare_published(record, db, options))
    ]
    differing = [one.record for one in compared if not one.agrees]
    assert len(compared) == 5605
    assert differing == ["a9c112441a88402a143e7d68"]


def test_the_shared_task_becomes_questions(mimic_iv: Path) -> None:
    records = read_questions(upstream("ehrsql-2024/valid"), flavour="ehrsql-2024")
    options = PublisherOptions(current_time=NOW_IV, guessable=True)
    found = answered(records, mimic_iv, options)
    categories = Counter(one.category for one in questions(found))
    assert len(found) == 1163
    assert (categories["publisher-unanswerable"], codes(found)["too_many_rows"]) == (232, 5)
    assert categories["publisher-yes-no"] >= 120
    assert sum(categories.values()) >= 1110
    assert len(categories) >= 15
    assert len({one.answer.model_dump_json() for one in questions(found)}) == 1
