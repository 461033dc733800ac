"""What is written is read back; what is wrong is said with its place."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from taskkit.errors import SpecError
from taskkit.spec.document import (
    MAX_BYTES,
    check,
    dump,
    dump_task,
    parse_document,
    parse_task,
    read_document,
)
from taskkit.spec.manifest import Counts, Records, TasksetManifest
from taskkit.spec.task import TaskSpec
from tests.spec.example import TASK, document, task

HERE = Path("task.yaml")


def told(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(SpecError) as caught:
        parse_task(data, HERE)
    return str(caught.value).split("\n")


def written(old: str = "", new: str = "") -> str:
    text = dump_task(task()).decode()
    assert old in text
    return text.replace(old, new, 1) if old else text


@given(TASK)
@settings(max_examples=150)
def test_a_task_is_read_back_as_it_was_written(spec: TaskSpec) -> None:
    assert parse_task(dump_task(spec), HERE) == spec


@given(TASK)
@settings(max_examples=150)
def test_other_yaml_parsers_read_the_same_values(spec: TaskSpec) -> None:
    values = yaml.safe_load(dump_task(spec))
    assert TaskSpec.model_validate(values) == spec


def test_a_document_looks_as_people_write_it() -> None:
    assert written() == (
        "# yaml-language-server: $schema=../../../schemas/task.json\n"
        "schema: taskkit/task/1\n"
        "id: toy-1\n"
        "domain: toy\n"
        "category: count\n"
        "split: train\n"
        "instruction: How many patients are there?\n"
        "answer:\n"
        "  kind: integer\n"
        "environment:\n"
        "  image: sql\n"
        "  assets:\n"
        "    - name: toy.sqlite\n"
        '      sha256: "3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f"\n'
        "  database: toy.sqlite\n"
        "oracle:\n"
        "  kind: exact\n"
        "  expected: 3\n"
        "reference:\n"
        "  steps:\n"
        "    - action: request_info\n"
        "      about: tables\n"
        "    - action: code_execution\n"
        "      language: sql\n"
        "      code: |-\n"
        "        select count(*)\n"
        "        from patients\n"
        "      submit: true\n"
        "provenance:\n"
        "  source: toy 1\n"
        '  record: "1"\n'
        '  record_sha256: "3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f"\n'
        "  licence: Apache-2.0\n"
        "  access: open\n"
        "  builder: toy 0.1.0\n"
    )


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("größer 数 😀", "  expected: größer 数 😀"),
        ("no", '  expected: "no"'),
        ("2105-12-31", '  expected: "2105-12-31"'),
        ("a: b", '  expected: "a: b"'),
        ("", '  expected: ""'),
        ("\r\x85\x00", r'  expected: "\r\u0085\u0000"'),
        (1e22, "  expected: 1.0e+22"),
        ([], "  expected: []"),
        ({}, "  expected: {}"),
        ([["a b", 1], [None, 2.5]], '  expected:\n    - ["a b", 1]\n    - [null, 2.5]'),
    ],
)
def test_a_value_is_written_so(expected: object, line: str) -> None:
    text = dump_task(task(oracle={"kind": "exact", "expected": expected})).decode()
    assert f"\n{line}\n" in text


def test_a_value_that_skipped_its_checks_is_not_written() -> None:
    oracle = task().oracle.model_copy(update={"expected": [float("inf")]})
    with pytest.raises(SpecError, match=r"^toy-1: inf: need a finite number$"):
        dump_task(task().model_copy(update={"oracle": oracle}))


def test_half_a_surrogate_pair_is_not_written() -> None:
    spec = task().model_copy(update={"instruction": "\ud800"})
    with pytest.raises(SpecError, match="half a surrogate pair"):
        dump_task(spec)


def test_the_options_of_a_manifest_keep_their_names() -> None:
    manifest = TasksetManifest(
        schema_version="taskkit/taskset/1", domain="toy", taskkit="0.1.0", builder="toy 0.1.0",
        seed=0, options={"start of day": "00:00"}, counts=Counts(total=0), records=Records(read=0),
    )  # fmt: skip
    assert parse_document(dump(manifest), TasksetManifest, HERE) == manifest


BAD = {
    "unknown key": (
        ("split: train", "splitt: train\nsplit: train"),
        ["task.yaml:6:1: splitt: unknown key: did you mean 'split'?"],
    ),
    "unknown key, nothing near": (
        ("kind: integer", "kind: integer\n  zzz: 1"),
        ["task.yaml:10:3: answer.zzz: unknown key: need one of kind"],
    ),
    "wrong type": (
        ("submit: true", "submit: yes"),
        ["task.yaml:28:15: reference.steps[1].submit: 'yes': need true or false"],
    ),
    "wrong choice": (
        ("split: train", "split: trian"),
        ["task.yaml:6:8: split: 'trian': need 'train', 'valid' or 'test': did you mean 'train'?"],
    ),
    "unknown kind": (
        ("kind: integer", "kind: interger"),
        [
            "task.yaml:9:9: answer.kind: 'interger': need one of 'integer', 'number', 'string',"
            " 'boolean', 'date', 'list', 'set', 'multiset', 'table', 'object', 'code', 'file',"
            " 'none': did you mean 'integer'?"
        ],
    ),
    "list for mapping": (
        ("answer:\n  kind: integer", "answer: [integer]"),
        ["task.yaml:8:9: answer: a list: need `name: value` lines"],
    ),
    "missing field": (
        ("  licence: Apache-2.0\n", ""),
        [
            "task.yaml:30:3: provenance.licence: missing: need a text"
            " (SPDX expression of what the task may be distributed under, or the licence's name)"
        ],
    ),
    "missing kind": (
        ("  kind: exact\n", ""),
        [
            "task.yaml:17:3: oracle.kind: missing: need one of 'abstain', 'cases', 'date', 'exact',"
            " 'metric', 'numeric', 'state', 'values'"
        ],
    ),
    "bad digest": (
        ("record_sha256: ", "record_sha256: zz # "),
        [
            "task.yaml:32:18: provenance.record_sha256: 'zz': need a text like ^[0-9a-f]{64}$"
            " (Digest of the record's canonical bytes)"
        ],
    ),
    "unknown schema version": (
        ("taskkit/task/1\nid: toy-1", "taskkit/task/9\nidd: toy-1"),
        [
            "task.yaml:2:9: schema: 'taskkit/task/9', a version that this taskkit does not read:"
            " need 'taskkit/task/1'; a newer taskkit may read this one"
        ],
    ),
    "repeated key": (
        ("split: train", "split: train\nid: toy-2"),
        ["task.yaml:7:1: id: given twice in this mapping: keep one"],
    ),
    "syntax": (
        ("image: sql", "image: [sql"),
        [
            "task.yaml:12:9: not YAML: while parsing a flow sequence begun in line 11: did not"
            " find expected ',' or ']': mind indentation, quotes and colons near here"
        ],
    ),
    "tab": (
        ("  image", "\timage"),
        [
            "task.yaml:11:1: not YAML: while scanning for the next token: found character that"
            " cannot start any token: mind indentation, quotes and colons near here"
        ],
    ),
    "control character": (
        ("How many", "How\x07many"),
        ["task.yaml:7:17: not YAML: character '\\x07': write it as \"\\xNN\" within double quotes"],
    ),
    "not finite": (
        ("expected: 3", "expected: .inf"),
        ["task.yaml:18:13: .inf unquoted: write a number as JSON does, or quote it as text"],
    ),
    "beyond floats": (
        ("expected: 3", "expected: 1e999"),
        ["task.yaml:18:13: 1e999, beyond the largest number: need a finite one"],
    ),
    "huge integer": (
        ("expected: 3", "expected: " + "3" * 5000),
        ["task.yaml:18:13: a whole number of 5000 digits: need 100 at most"],
    ),
    "octal": (
        ("expected: 3", "expected: 007"),
        ["task.yaml:18:13: 007 unquoted: write a number as JSON does, or quote it as text"],
    ),
    "tag": (
        ("expected: 3", "expected: !!python/name:os.system ''"),
        [
            "task.yaml:18:13: tag 'tag:yaml.org,2002:python/name:os.system':"
            " tags are not read: quote text, write the rest plain"
        ],
    ),
    "second document": (
        ("split: train", "split: train\n---\nid: x"),
        ["task.yaml:7:1: a second document in one file: need one"],
    ),
    "unknown alias": (
        ("expected: 3", "expected: *three"),
        ["task.yaml:18:13: alias '*three': need '&three' before it, and finished"],
    ),
    "alias to itself": (
        ("expected: 3", "expected: &a [*a]"),
        ["task.yaml:18:17: alias '*a': need '&a' before it, and finished"],
    ),
    "deep": (
        ("expected: 3", "expected: " + "[" * 90 + "]" * 90),
        ["task.yaml:18:75: nested more than 64 deep: write it flatter"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_said_with_its_place(case: str) -> None:
    (old, new), expected = BAD[case]
    assert told(written(old, new)) == expected


def test_all_mistakes_of_a_document_are_said() -> None:
    text = written("split: train", "split: trian").replace("submit: true", "submitt: true")
    assert [line.split(": ")[0] for line in told(text)] == ["task.yaml:6:8", "task.yaml:28:7"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "task.yaml:1:1: empty: need `name: value` lines"),
        (b"# nothing\n", "task.yaml:1:1: empty: need `name: value` lines"),
        (b"- a\n", "task.yaml:1:1: a list at the top: need `name: value` lines"),
        (b"7\n", "task.yaml:1:1: a single value at the top: need `name: value` lines"),
        (b"id: a\nsplit: \xe9\n", "task.yaml:2:8: byte 0xe9 is not UTF-8: save the file as UTF-8"),
        ("id: a".encode("utf-16"), "task.yaml:1:1: byte 0xff is not UTF-8: save the file as UTF-8"),
    ],
)
def test_what_is_no_mapping_in_utf8_is_refused(data: bytes, message: str) -> None:
    assert told(data) == [message]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_task(b"\xef\xbb\xbf" + dump_task(task()), HERE) == task()


@pytest.mark.parametrize("text", ["2105-12-31", "no", "12:30:45", "1_000", "0b1", "<<"])
def test_what_yaml_1_1_would_convert_stays_text(text: str) -> None:
    spec = parse_task(written("expected: 3", f"expected: {text}").encode(), HERE)
    assert spec.model_dump()["oracle"]["expected"] == text


def test_anchors_may_be_used() -> None:
    text = written("expected: 3", "expected: [&a [1, 2], *a]")
    assert parse_task(text.encode(), HERE).model_dump()["oracle"]["expected"] == [[1, 2], [1, 2]]


def test_aliases_that_explode_are_refused_without_taking_memory() -> None:
    levels = [f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = told("\n".join(["bomb:", "  - &a0 [x, x, x]", *levels]))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB
    assert lines == [
        "task.yaml:7:40: aliases repeat more than 200000 values: write the document out"
    ]


def test_many_values_are_refused() -> None:
    lines = told("x: [" + "1," * 300_000 + "1]")
    assert [line.partition(" ")[2] for line in lines] == [
        "more than 200000 values in one document: make several of it"
    ]


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SpecError, match=f"large.yaml: 100000000 bytes: need {MAX_BYTES} at most$"):
        read_document(path, TaskSpec)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


@pytest.mark.timeout(5)
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(SpecError, match=r"pipe.yaml: not a regular file"):
        read_document(tmp_path / "pipe.yaml", TaskSpec)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"none.yaml: no such file$"):
        read_document(tmp_path / "none.yaml", TaskSpec)
    with pytest.raises(SpecError, match=r": cannot be read: Is a directory|not a regular file"):
        read_document(tmp_path, TaskSpec)


def test_a_document_is_checked_without_raising() -> None:
    found = check(b"schema: taskkit/task/1\n", TaskSpec)
    assert not isinstance(found, TaskSpec)
    assert {one.code for one in found} == {"missing_key"}
    assert check(dump_task(task()), TaskSpec) == TaskSpec.model_validate(document())


def test_a_field_is_known_by_its_name_in_documents_alone() -> None:
    lines = told(written("\nschema:", "\nschema_version:"))
    assert lines == ["task.yaml:2:1: schema: missing: need `schema: taskkit/task/1`"]
