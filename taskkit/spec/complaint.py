"""What is wrong with a document: each mistake with its line, its field and what is needed."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml
from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from taskkit.spec.reader import DialectCode, Parser

Location = tuple[int | str, ...]
_NEEDS = {
    "string_type": "need a text",
    "int_type": "need a whole number",
    "float_type": "need a number",
    "bool_type": "need true or false",
    "tuple_type": "need a list",
    "list_type": "need a list",
    "dict_type": "need `name: value` lines",
    "model_type": "need `name: value` lines",
    "model_attributes_type": "need `name: value` lines",
    "none_required": "need null",
}
_quote = reprlib.Repr()
_quote.maxstring = _quote.maxother = 60


ComplaintCode = (
    DialectCode | Literal["not_utf8", "not_mapping", "schema_version", "missing_key", "unknown_key"]
)
"""What kind of mistake."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One mistake; lines and columns count from 1."""

    line: int
    column: int
    field: str
    """Path such as `reference.steps[0].code`; empty for the document as a whole."""
    code: ComplaintCode
    message: str

    def text(self, where: str) -> str:
        """Return the message of it, led by file, line, column and field."""
        field = f"{self.field}: " if self.field else ""
        return f"{where}:{self.line}:{self.column}: {field}{self.message}"


def complaints(
    text: str, value: JsonValue, model: type[BaseModel], error: ValidationError
) -> tuple[Complaint, ...]:
    """Return a complaint for each error that a model found in a document's value."""
    details = error.errors(include_url=False)
    versions = [d for d in details if d["loc"] == ("schema",)]
    page = _Page(text, value, model)
    found = {page.complaint(detail): None for detail in versions or details}
    return tuple(sorted(found, key=lambda c: (c.line, c.column, c.field)))


def nearest(word: str, known: Sequence[str]) -> str:
    """Return `: did you mean 'x'?`, or nothing where no known name is near."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f": did you mean {near[0]!r}?" if near else ""


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


class _Page:
    """A document's text beside its value and its schema, to look places up in."""

    def __init__(self, text: str, value: JsonValue, model: type[BaseModel]) -> None:
        self._root: Any = yaml.compose(text, Loader=Parser)
        self._value = value
        self._schema = _schema(model)

    def complaint(self, detail: ErrorDetails) -> Complaint:
        line, column, field = self._place(detail)
        code, message = self._message(detail)
        return Complaint(line, column, field, code, message)

    def _place(self, detail: ErrorDetails) -> tuple[int, int, str]:
        """Return line, column and field path; a tag of a union in the location names no field."""
        node, parts = self._root, ""
        mark = node.start_mark
        last = len(detail["loc"]) - 1
        for i, step in enumerate(detail["loc"]):
            if isinstance(node, yaml.MappingNode):
                pair = next((p for p in node.value if p[0].value == step), None)
                if pair is None and not (i == last and detail["type"] == "missing"):
                    continue
                parts += f".{step}"
                if pair is None:
                    break
                key, node = pair
                mark = key.start_mark if detail["type"] == "extra_forbidden" else node.start_mark
            elif isinstance(step, int) and isinstance(node, yaml.SequenceNode):
                node, parts = node.value[step], f"{parts}[{step}]"
                mark = node.start_mark
        if detail["type"].startswith("union_tag"):
            tag = detail["ctx"]["discriminator"].strip("'")
            parts += f".{tag}"
        return mark.line + 1, mark.column + 1, parts.removeprefix(".")

    def _message(self, detail: ErrorDetails) -> tuple[ComplaintCode, str]:
        """Return the code and the text of one error."""
        kind, context = detail["type"], detail.get("ctx", {})
        shown = _quote.repr(detail["input"])
        if kind == "missing":
            return "missing_key", f"missing: need {self._described(detail['loc'])}"
        if kind == "extra_forbidden":
            name = str(detail["loc"][-1])
            known = list(self._at(detail["loc"][:-1]).get("properties", {}))
            hint = nearest(name, known) or f": need one of {', '.join(known)}"
            return "unknown_key", f"unknown key{hint}"
        if kind == "union_tag_not_found":
            return "missing_key", f"missing: need one of {self._tags(detail['loc'])}"
        if kind == "union_tag_invalid":
            tags = context["expected_tags"]
            known = [t.strip("' ") for t in tags.split(",")]
            return (
                "bad_value",
                f"{context['tag']!r}: need one of {tags}{nearest(context['tag'], known)}",
            )
        if detail["loc"] == ("schema",):
            return "schema_version", (
                f"{shown}: a version that this taskkit does not read: need {context['expected']};"
                " a newer taskkit may read it"
            )
        if kind in ("literal_error", "enum"):
            known = [k.strip("'") for k in context["expected"].replace(" or ", ", ").split(", ")]
            near = nearest(str(detail["input"]), known)
            return "bad_value", f"{shown}: need {context['expected']}{near}"
        need = _NEEDS.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])
        if isinstance(detail["input"], (list, dict)):
            shown = "a list" if isinstance(detail["input"], list) else "a mapping"
        return "bad_value", f"{shown}: {need}"

    def _described(self, location: Location) -> str:
        """Return the schema's own text of a field."""
        schema = self._at(location)
        text = str(schema.get("description", "")).split("\n")[0].rstrip(".")
        kind = str(schema.get("type", ""))
        if "const" in schema:
            return f"{location[-1]}: {schema['const']}"
        return (
            " ".join(part for part in (kind and f"a {kind}", text and f"({text})") if part) or "it"
        )

    def _tags(self, location: Location) -> str:
        mapping = self._at(location).get("discriminator", {}).get("mapping", {})
        return ", ".join(map(repr, mapping))

    def _at(self, location: Location) -> Mapping[str, Any]:
        """Return the part of the schema that a location leads to; empty where it leads nowhere."""
        schema = self._resolve(self._schema)
        for step in location:
            mapping = schema.get("discriminator", {}).get("mapping", {})
            if step in mapping:
                schema = self._resolve({"$ref": mapping[step]})
            elif isinstance(step, int):
                schema = self._resolve(schema.get("items", {}))
            else:
                schema = self._resolve(schema.get("properties", {}).get(step, {}))
        return schema

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        options = [o for o in schema.get("anyOf", ()) if o.get("type") != "null"]
        if len(options) == 1:
            return {**self._resolve(options[0]), **schema}
        if "$ref" not in schema:
            return schema
        target = self._schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
