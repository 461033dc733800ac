"""What holds of every answer, whatever the values."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from taskkit.oracles.evidence import Evidence
from taskkit.oracles.judge import digest, judge
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.fit import fits
from tests.oracles.asking import (
    ANY_TABLE,
    BOOLEAN,
    DAY,
    DRUGS,
    INTEGER,
    NUMBER,
    SECOND,
    STRING,
    asks,
    code,
    collection,
)

CELLS = st.none() | st.integers(-1000, 1000) | st.text(max_size=3)
FLOATS = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
ANSWERS = st.sampled_from(
    [INTEGER, NUMBER, STRING, BOOLEAN, SECOND, DAY, DRUGS, ANY_TABLE]
    + [collection(kind, item, nullable=True) for kind in ("list", "set", "multiset")
       for item in (INTEGER, NUMBER, STRING, BOOLEAN, DAY)]
)  # fmt: skip
SAMPLES: dict[str, Any] = {
    "integer": 5, "number": 5.5, "string": "x", "boolean": True, "date": "2100-01-01 10:00:00",
    "list": [], "set": [], "multiset": [], "table": [],
}  # fmt: skip


DATES = st.dates().map(str)
FITTING: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    (INTEGER, st.integers(-(10**20), 10**20)),
    (NUMBER, st.floats(allow_nan=False, allow_infinity=False)),
    (STRING, st.text(st.characters(exclude_categories=["Cs"]))),
    (BOOLEAN, st.booleans()),
    (DAY, DATES),
    (collection("set", NUMBER, nullable=True), st.lists(FLOATS | st.none())),
    (collection("multiset", DAY), st.lists(DATES)),
    (DRUGS, st.lists(st.tuples(st.text("ab"), FLOATS | st.none()).map(list))),
]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8), st.randoms())
def test_order_never_counts_in_an_unordered_table(rows: list[Any], noise: random.Random) -> None:
    shuffled = noise.sample(rows, len(rows))
    assert code(asks(ANY_TABLE, rows), shuffled) == "right"


@given(st.lists(FLOATS, max_size=8), st.randoms())
def test_order_and_noise_never_count_in_a_multiset(
    values: list[float], noise: random.Random
) -> None:
    moved = [value + noise.uniform(-0.009, 0.009) for value in values]
    noise.shuffle(moved)
    assert code(asks(collection("multiset", NUMBER), values, absolute=0.01), moved) == "right"


@given(st.lists(FLOATS, min_size=1, max_size=8), st.data())
def test_a_value_moved_beyond_tolerance_is_wrong(values: list[float], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    changed = [*values[:at], values[at] + 2.5, *values[at + 1 :]]
    for kind in ("list", "multiset"):
        spec = asks(collection(kind, NUMBER), values, absolute=0.1, relative=0)
        assert code(spec, changed) == "wrong"


@given(st.lists(st.lists(FLOATS, min_size=2, max_size=2), max_size=5), st.data())
def test_pairing_agrees_with_trying_all_ways(rows: list[list[float]], data: st.DataObject) -> None:
    from itertools import permutations

    small = [[round(x) % 4 / 2 for x in row] for row in rows]
    cells = st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0, 1.3, 1.5])
    size = len(small)
    given = data.draw(
        st.lists(st.lists(cells, min_size=2, max_size=2), min_size=size, max_size=size)
    )
    answer = {"kind": "table", "columns": [{"name": n, "type": NUMBER} for n in "ab"]}
    spec = asks(answer, small, absolute=0.4, relative=0)
    possible = any(
        all(abs(e - a) <= 0.4 for x, y in zip(small, way, strict=True)
            for e, a in zip(x, y, strict=True))
        for way in permutations(given)
    )  # fmt: skip
    assert (code(spec, given) == "right") == possible


@given(st.lists(CELLS, min_size=1, max_size=5))
def test_every_value_equals_itself(row: list[Any]) -> None:
    assert code(asks(ANY_TABLE, [row, row]), [row, row]) == "right"
    assert code(asks(ANY_TABLE | {"ordered": True}, [row]), [row]) == "right"


@given(st.integers(-1000, 1000))
def test_a_number_as_text_is_never_a_number(value: int) -> None:
    assert code(asks(INTEGER, value), str(value)) == "wrong_type"
    assert code(asks(NUMBER, value), str(value)) == "wrong_type"
    assert code(asks(STRING, str(value)), value) == "wrong_type"
    assert code(asks(ANY_TABLE, [[value]]), [[str(value)]]) == "wrong"


@given(ANSWERS, ANY_JSON, st.sampled_from(["sql", "python", "shell"]))
def test_no_json_raises(answer: dict[str, Any], given: Any, origin: Any) -> None:
    spec = asks(answer, SAMPLES[answer["kind"]])
    document = json.dumps(given).encode()
    verdict = judge(spec, Evidence(document, origin))
    assert verdict.code in ("right", "wrong", "wrong_type", "malformed")
    assert digest(spec, Evidence(document, origin))
    rows = json.dumps({"columns": ["a"], "rows": [[given]]}).encode()
    assert judge(spec, Evidence(rows, origin)).code in ("right", "wrong", "wrong_type", "malformed")


@given(st.data())
def test_what_fits_is_right_for_itself(data: st.DataObject) -> None:
    answer, value = data.draw(st.sampled_from(FITTING).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), pair[1])
    ))  # fmt: skip
    made: AnswerSpec = TypeAdapter[AnswerSpec](AnswerSpec).validate_python(answer)
    assert fits(made, value) is None
    assert code(asks(answer, value), value) == "right"
