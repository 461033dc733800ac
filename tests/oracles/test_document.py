"""Any bytes are a JSON value or `MalformedError`, nothing else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.oracles.document import MAX_BYTES, MAX_DEPTH, MalformedError, parse

SCALARS = st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.text()
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(st.binary() | st.text().map(str.encode) | VALUES.map(json.dumps).map(str.encode))
def test_no_bytes_raise_anything_else(document: bytes) -> None:
    with contextlib.suppress(MalformedError):
        parse(document)


@given(VALUES.filter(lambda value: depth(value) <= MAX_DEPTH))
def test_what_json_writes_is_read_back(value: object) -> None:
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "no JSON at character 0"),
        (b" ", "no JSON"),
        (b"\xff", "no UTF-8 at byte 0"),
        (b"\xef\xbb\xbf1", "no JSON"),
        (b"{'a': 1}", "no JSON"),
        (b"1 2", "no JSON"),
        (b"[1,]", "no JSON"),
        (b"01", "no JSON"),
        (b"NaN", "NaN is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b"1e999", "out of range"),
        (b"-1e999", "out of range"),
        (b"1" + b"0" * 309, "out of range"),
        (b"1" * 200_000, "out of range"),
        (b'{"a": 1, "a": 1}', "a key stands twice"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b'{"\\udc00": 1}', "half of a surrogate pair"),
        (b"[" * 17 + b"]" * 17, "nested deeper"),
        (b"[" * 500_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
        (b" " * MAX_BYTES + b"1", "bytes, at most"),
    ],
    ids=range(21),
)
def test_what_is_malformed_is_named(document: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        parse(document)


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (b"[" * 16 + b"]" * 16, None),
        (b"1" + b"0" * 308, 10**308),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"1" + b" " * (MAX_BYTES - 1), 1),
    ],
    ids=["deep", "large", "pair", "long"],
)
def test_what_is_just_within_the_bounds_is_read(document: bytes, value: object) -> None:
    assert parse(document) == value or value is None
