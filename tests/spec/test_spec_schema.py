"""The published schemas are those of the models, and documents of ours meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from taskkit.build.rejection import REASONS
from taskkit.spec.document import dump, dump_task
from taskkit.spec.manifest import Counts, Records, TasksetManifest
from taskkit.spec.quarantine import QuarantineLine, dump_line
from taskkit.spec.schema import MODELS, schema_text, write_schemas
from taskkit.spec.task import TaskSpec
from tests.spec.example import TASK, document

ROOT = Path(__file__).parents[2]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.json").read_text("utf-8")))


@pytest.mark.parametrize("name", MODELS)
def test_a_published_schema_is_the_model_s(name: str) -> None:
    published = (ROOT / "schemas" / f"{name}.json").read_text("utf-8")
    assert published == schema_text(name), "run `make schemas`"


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_is_valid_and_named(name: str) -> None:
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:taskkit:schema:{name}:1"
    assert schema["title"] == MODELS[name].__name__


@pytest.mark.parametrize("name", MODELS)
def test_every_field_says_what_it_is(name: str) -> None:
    schema = json.loads(schema_text(name))
    parts = {schema["title"]: schema, **schema.get("$defs", {})}
    silent = {
        f"{title}.{field}"
        for title, part in parts.items()
        for field, form in part.get("properties", {}).items()
        if "description" not in form and "$ref" not in form and "const" not in form
    }
    assert silent <= {"CodeExecution.language"}


def test_schemas_are_written_as_published(tmp_path: Path) -> None:
    paths = write_schemas(tmp_path / "schemas")
    assert [path.name for path in paths] == [f"{name}.json" for name in MODELS]
    assert all(path.read_bytes() == (ROOT / "schemas" / path.name).read_bytes() for path in paths)


@given(TASK)
@settings(max_examples=50)
def test_a_task_that_is_written_meets_its_schema(spec: TaskSpec) -> None:
    validator("task").validate(yaml.safe_load(dump_task(spec)))


def test_a_schema_refuses_what_the_model_refuses() -> None:
    assert not validator("task").is_valid(document(split="trian"))
    assert not validator("task").is_valid(document(zzz=1))


def test_a_manifest_that_is_written_meets_its_schema() -> None:
    manifest = TasksetManifest(
        schema_version="taskkit/taskset/1", domain="toy", taskkit="0.1.0", builder="toy 0.1.0",
        seed=0, counts=Counts(total=1, by_split={"train": 1}), records=Records(read=1),
    )  # fmt: skip
    validator("taskset").validate(yaml.safe_load(dump(manifest)))


def test_a_quarantine_line_meets_its_schema() -> None:
    line = QuarantineLine(code="sql_error", record="1", detail="é", evidence={"found": [1, None]})
    data = dump_line(line)
    assert data.count(b"\n") == 1
    validator("quarantine").validate(json.loads(data))
    assert QuarantineLine.model_validate_json(data) == line


def test_every_reason_for_quarantine_is_explained() -> None:
    text = (ROOT / "docs" / "quarantine.md").read_text("utf-8")
    explained = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert set(REASONS) == explained
