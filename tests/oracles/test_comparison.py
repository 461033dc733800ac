"""Results are compared by meaning: nothing that differs passes, nothing that is the same fails."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from taskkit.oracles.comparison import Comparison, same

EQUAL: list[tuple[Comparison, JsonValue, JsonValue]] = [
    ("exact", 1, 1.0),
    ("exact", [1, [2, None]], [1, [2, None]]),
    ("exact", {"a": 1}, {"a": 1}),
    ("float", 0.1 + 0.2, 0.3),
    ("float", [1e6], [1e6 + 0.5]),
    ("unordered", [[1, 2], [3]], [[3], [2, 1]]),
    ("lines", "a \nb\n", "a\nb"),
    ("numbers", "x 0.3333", "x 0.33329"),
    ("fasta", ">a x\nACGT\n>b\n", ">a x\nAC\nGT\n>b"),
    ("tree", "((A:1,B:2)x:3,C);", "(C,(B:2.0,A:1)x:3);"),
]
DIFFERENT: list[tuple[Comparison, JsonValue, JsonValue]] = [
    ("exact", 1, True),
    ("exact", 0, False),
    ("exact", None, 0),
    ("exact", "1", 1),
    ("exact", [1, 2], [2, 1]),
    ("exact", {"a": 1}, {"a": 1, "b": 2}),
    ("exact", 0.3, 0.1 + 0.2),
    ("float", 1.0, 1.00001),
    ("float", [1.0], [1.0, 1.0]),
    ("unordered", [1, 1, 2], [1, 2, 2]),
    ("lines", "a\nb", "a b"),
    ("lines", " a", "a"),
    ("numbers", "12", "12.001"),
    ("numbers", "x 0.33", "x 0.34"),
    ("fasta", ">a\nACGT\n", ">a\nACGA\n"),
    ("fasta", ">a\nACGT\n", "ACGT\n"),
    ("tree", "(A,B);", "(A,C);"),
    ("tree", "(A:1,B:2);", "(A:2,B:1);"),
    ("tree", "((A,B),C);", "(A,(B,C));"),
    ("tree", "(A,B);", "(A:0,B:0);"),
    ("tree", "(A,B);", "(A,B"),
    ("tree", "(A,B);", ["(A,B);"]),
]


@pytest.mark.parametrize(("how", "expected", "given"), EQUAL)
def test_what_means_the_same_is_the_same(
    how: Comparison, expected: JsonValue, given: JsonValue
) -> None:
    assert same(how, expected, given)


@pytest.mark.parametrize(("how", "expected", "given"), DIFFERENT)
def test_what_differs_is_not_the_same(
    how: Comparison, expected: JsonValue, given: JsonValue
) -> None:
    assert not same(how, expected, given)
