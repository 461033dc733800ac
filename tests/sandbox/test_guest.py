"""What travels into the sandbox stands on its own, and its parts do what they say."""

from __future__ import annotations

import ast
import platform
import sqlite3
import struct
import sys
from pathlib import Path

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.sandbox import guest
from taskkit.sandbox.guest import calls, document, filter, query

FOLDER = Path(guest.__file__).parent


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_guest_modules_import_the_standard_library_and_each_other(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        for name in names:
            own = name == "taskkit.sandbox.guest" or name.startswith("taskkit.sandbox.guest.")
            assert own or name.partition(".")[0] in sys.stdlib_module_names


def verdict(code: bytes, number: int, *arguments: int, machine: str) -> int:
    """Run a filter as the kernel would, for one call."""
    six = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", number, filter.AUDIT_ARCH[machine], 0, *six)
    at, word = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if operation == 0x20:
            (word,) = struct.unpack_from("=I", data, value)
        elif operation == 0x06:
            return int(value)
        else:
            hit = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[operation]
            at += if_true if hit else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_lets_through_what_is_listed_and_nothing_else(machine: str) -> None:
    code = filter.build(machine)
    column = ["x86_64", "aarch64"].index(machine)
    denied = {numbers[column] for numbers in filter.DENIED.values()}
    listed = set(calls.allowed(column).values())
    assert not listed & denied
    special = {numbers[column] for numbers in filter.SPECIAL.values()}
    for number in range(500):
        if number in special:
            continue
        found = verdict(code, number, 0, machine=machine)
        expected = 0x7FFF0000 if number in listed else 0x50001 if number in denied else 0x50026
        assert found == expected, number  # let through, EPERM, ENOSYS
        assert verdict(code, 0x40000000 | number, 0, machine=machine) == 0x50026  # ENOSYS


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_looks_at_arguments(machine: str) -> None:
    code = filter.build(machine)
    column = ["x86_64", "aarch64"].index(machine)

    def allowed(name: str, *arguments: int) -> bool:
        number = filter.SPECIAL[name][column]
        return verdict(code, number, *arguments, machine=machine) == 0x7FFF0000

    assert allowed("clone", 0x01200011)
    assert not any(allowed("clone", flag | 17) for flag in (0x10000000, 0x20000, 0x40000000))
    assert not allowed("clone3")
    assert allowed("prctl", 15)
    assert not allowed("prctl", 4)  # to hide one's memory
    assert allowed("socket", 1)
    assert not any(allowed("socket", family) for family in (0, 2, 10, 16, 17, 38, 40))
    assert allowed("prlimit64", 0)
    assert not allowed("prlimit64", 1)
    assert allowed("ioctl", 1, 0x5401)
    assert not allowed("ioctl", 1, 0x5412)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_a_session_with_services_lets_through_the_internet_alone(
    machine: str,
) -> None:
    code = filter.build(machine, networked=True)
    number = filter.SPECIAL["socket"][["x86_64", "aarch64"].index(machine)]
    families = [one for one in range(64) if verdict(code, number, one, machine=machine) >> 30]
    assert families == [1, 2]


@pytest.mark.skipif(platform.machine() not in filter.AUDIT_ARCH, reason="another machine")
def test_the_filter_kills_calls_of_another_machine() -> None:
    assert verdict(filter.build("x86_64"), 0, machine="aarch64") == 0x80000000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
)  # fmt: skip


@given(JSON)
def test_plain_values_stay_what_they_are(value: object) -> None:
    assert document.plain(value) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (numpy.int64(3), b"3"),
        (numpy.float64(0.5), b"0.5"),
        (numpy.bool_(True), b"true"),
        (numpy.array([[1, 2], [3, 4]]), b"[[1, 2], [3, 4]]"),
        (numpy.array(7), b"7"),
        (numpy.datetime64("2105-01-02"), b'"2105-01-02 00:00:00"'),
        (numpy.datetime64("NaT"), b"null"),
        (pandas.NA, b"null"),
        (pandas.NaT, b"null"),
        (pandas.Timestamp("2105-01-02 03:04:05"), b'"2105-01-02 03:04:05"'),
        (pandas.Series([1, 2]), b"[1, 2]"),
        (pandas.DataFrame({"a": [1], "b": ["x"]}), b'{"columns": ["a", "b"], "rows": [[1, "x"]]}'),
        ({3, "a"}, b'["a", 3]'),
        ({10, 9}, b"[9, 10]"),
        ("\u00e9", '"\u00e9"'.encode()),
    ],
)
def test_values_of_the_field_have_their_form(value: object, text: bytes) -> None:
    assert document.encode(value) == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "answer holds nan"),
        (numpy.array([float("inf")]), "answer holds inf"),
        (pandas.Series([1.0, None]), "answer holds nan"),
        (object(), "answer holds a object"),
        (b"x", "answer holds a bytes"),
        ("\ud800", "no valid Unicode"),
    ],
)
def test_values_without_a_form_are_refused(value: object, reason: str) -> None:
    with pytest.raises(document.UnfitError, match=reason):
        document.encode(value)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as writable:
        writable.execute("create table t (a, b)")
        writable.executemany("insert into t values (?, ?)", [(n, "x") for n in range(100)])
    writable.close()
    return query.connect(str(path))


def test_long_results_show_their_head_and_their_count(connection: sqlite3.Connection) -> None:
    text, found = query.result(connection, "select * from t", limit=None)
    assert found is None
    assert len(text.splitlines()) == 2 + query.SHOWN + 1
    assert text.endswith("(100 rows, first 50 shown)\n")


def test_results_above_the_limit_end_early(connection: sqlite3.Connection) -> None:
    with pytest.raises(query.TooMuchError, match="more rows than the output limit"):
        query.result(connection, "select * from t", limit=100)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (1, 2)",
        "drop table t",
        "pragma journal_mode = delete",
        "attach ':memory:' as x",
        "create temp table x (a)",
        "select load_extension('x')",
        "select x'00'",
        "select 9e999",
        "-- nothing",
    ],
)
def test_a_query_reads_and_no_more(connection: sqlite3.Connection, sql: str) -> None:
    with pytest.raises((sqlite3.Error, query.RefusedError)):
        query.result(connection, sql, limit=1000)


def test_a_schema_may_be_read(connection: sqlite3.Connection) -> None:
    text, _ = query.result(connection, "pragma table_info(t)", limit=1000)
    assert "a" in text
