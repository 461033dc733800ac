"""What a model found wrong with a document, in the document's own terms."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from taskkit.spec.complaint import Complaint, ComplaintCode
from taskkit.spec.page import Location, Page

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
}
_quote = reprlib.Repr()
_quote.maxstring = _quote.maxother = 60


def complaints(text: str, model: type[BaseModel], error: ValidationError) -> tuple[Complaint, ...]:
    """Return a complaint for each error that a model found in a document, in their order there."""
    details = error.errors(include_url=False)
    versions = [detail for detail in details if detail["loc"] == ("schema",)]
    page, form = Page(text), _Form(model)
    found = {_complaint(page, form, detail) for detail in versions or details}
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.field)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `: did you mean 'x'?`, or nothing where no known name is near."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f": did you mean {near[0]!r}?" if near else ""


def _complaint(page: Page, form: _Form, detail: ErrorDetails) -> Complaint:
    kind, location = detail["type"], detail["loc"]
    if kind.startswith("union_tag"):
        location = (*location, detail["ctx"]["discriminator"].strip("'"))
    missing = kind in ("missing", "union_tag_not_found")
    line, column, field = page.place(location, key=kind == "extra_forbidden", missing=missing)
    code, message, need = _words(form, detail)
    return Complaint(line, column, field, code, message, need)


def _words(form: _Form, detail: ErrorDetails) -> tuple[ComplaintCode, str, str]:
    """Return the code of an error, what is there, and what is needed."""
    kind, location = detail["type"], detail["loc"]
    shown = _shown(detail["input"])
    if kind == "missing":
        return "missing_key", "missing", f"need {form.described(location)}"
    if kind == "union_tag_not_found":
        return "missing_key", "missing", f"need one of {form.tags(location)}"
    if kind == "union_tag_invalid":
        tag, tags = str(detail["ctx"]["tag"]), str(detail["ctx"]["expected_tags"])
        near = nearest(tag, (one.strip("' ") for one in tags.split(",")))
        return "bad_value", repr(tag), f"need one of {tags}{near}"
    if kind == "extra_forbidden":
        known = form.keys(location[:-1])
        near = nearest(str(location[-1]), known).removeprefix(": ")
        return "unknown_key", "unknown key", near or f"need one of {', '.join(known)}"
    if location == ("schema",):
        need = f"need {detail['ctx']['expected']}; a newer taskkit may read this one"
        return "schema_version", f"{shown}, a version that this taskkit does not read", need
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        known = [one.strip("'") for one in expected.replace(" or ", ", ").split(", ")]
        return "bad_value", shown, f"need {expected}{nearest(str(detail['input']), known)}"
    if kind == "string_pattern_mismatch":
        return "bad_value", shown, f"need {form.described(location)}"
    return "bad_value", shown, _NEEDS.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else _quote.repr(value)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


class _Form:
    """The JSON Schema of a model, to look up what belongs where."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._schema = _schema(model)

    def keys(self, location: Location) -> list[str]:
        """Return the names that a mapping may hold."""
        return list(self._at(location).get("properties", ()))

    def tags(self, location: Location) -> str:
        """Return the kinds that a union has."""
        return ", ".join(map(repr, self._at(location).get("discriminator", {}).get("mapping", {})))

    def described(self, location: Location) -> str:
        """Return the type of a field and what the model says of it."""
        schema = self._at(location)
        if "const" in schema:
            return f"`{location[-1]}: {schema['const']}`"
        kind = {"integer": "whole number", "object": "mapping", "array": "list", "string": "text"}
        words = [f"a {kind.get(schema['type'], schema['type'])}"] if "type" in schema else ["it"]
        if "pattern" in schema:
            words.append(f"like {schema['pattern']}")
        if "description" in schema:
            words.append("(" + schema["description"].split("\n")[0].rstrip(".") + ")")
        return " ".join(words)

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
        options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(options) == 1:
            return {**self._resolve(options[0]), **schema}
        if "$ref" not in schema:
            return schema
        target = self._schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{name: schema[name] for name in schema if name != "$ref"}}
