"""JSON Schemas of the documents, generated from the models; editors and other tools read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from taskkit.spec.image import ImageManifest
from taskkit.spec.manifest import TasksetManifest
from taskkit.spec.quarantine import QuarantineLine
from taskkit.spec.task import TaskSpec

MODELS: dict[str, type[BaseModel]] = {
    "image": ImageManifest,
    "quarantine": QuarantineLine,
    "task": TaskSpec,
    "taskset": TasksetManifest,
}
"""File name without `.json` to the model of one document, or of one line of it."""


def schema_text(name: str, models: Mapping[str, type[BaseModel]] = MODELS) -> str:
    """Return the text of schemas/<name>.json."""
    schema = models[name].model_json_schema()
    head = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:taskkit:schema:{name}:1",
        "title": models[name].__name__,
    }
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path, models: Mapping[str, type[BaseModel]] = MODELS) -> tuple[Path, ...]:
    """Write the schema of each model into a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{name}.json" for name in models)
    for path in paths:
        path.write_text(schema_text(path.stem, models), "utf-8", newline="\n")
    return paths
