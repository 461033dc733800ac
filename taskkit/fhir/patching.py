"""JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386) on a resource."""

from __future__ import annotations

from copy import deepcopy

from pydantic import JsonValue

from taskkit.fhir import validation
from taskkit.fhir.errors import refused
from taskkit.fhir.exchange import Request
from taskkit.fhir.index import Resource

PATCH = "application/json-patch+json"
MERGE = ("application/merge-patch+json", "application/json", "application/fhir+json")
MOST_STEPS = 200  # of one patch


def patched(request: Request, document: Resource) -> Resource:
    """A resource with a patch applied.

    Raises:
        RefusedError: the patch cannot be read or applied.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in MERGE and not request.body.lstrip().startswith(b"["):
        changes = validation.resource(request.body)
        validation.printable(changes, "patch")
        merged = merge(document, changes)
        assert isinstance(merged, dict)
        return merged
    if kind != PATCH:
        raise refused(415, "not-supported", f"Content-Type {kind!r}: need {PATCH}")
    steps = validation.parsed(request.body, "patch")
    validation.printable(steps, "patch")
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise refused(400, "structure", f"patch: need a list of at most {MOST_STEPS} operations")
    result: JsonValue = deepcopy(document)
    for number, step in enumerate(steps):
        try:
            result = apply(result, step)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            text = f"patch[{number}]: cannot be applied: {error}"
            raise refused(422, "invalid", text) from error
    if not isinstance(result, dict):
        raise refused(422, "invalid", "patch: leaves no resource")
    return result


def merge(document: JsonValue, patch: JsonValue) -> JsonValue:
    """A document with a merge patch: members replaced, those that are null taken away."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def apply(document: JsonValue, step: JsonValue) -> JsonValue:
    """A document after one operation; raises plain errors where it does not fit."""
    if not isinstance(step, dict):
        raise TypeError("need an object")
    op, path = step["op"], keys(str(step["path"]))
    if op in ("move", "copy"):
        source = keys(str(step["from"]))
        value = deepcopy(value_at(document, source))
        if op == "move":
            document = changed(document, source, "remove", None)
        return changed(document, path, "add", value)
    if op == "test":
        if value_at(document, path) != step["value"]:
            raise ValueError(f"{step['path']!r}: has another value")
        return document
    if op not in ("add", "replace", "remove"):
        raise ValueError(f"op {op!r}: need add, remove, replace, move, copy or test")
    return changed(document, path, str(op), None if op == "remove" else step["value"])


def keys(path: str) -> list[str]:
    """The parts of a JSON Pointer."""
    if path and not path.startswith("/"):
        raise ValueError(f"{path!r}: need a path that starts with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def value_at(document: JsonValue, path: list[str]) -> JsonValue:
    """The value at a path."""
    for key in path:
        if isinstance(document, list):
            document = document[place(document, key)]
        elif isinstance(document, dict):
            document = document[key]
        else:
            raise KeyError(key)
    return document


def place(items: list[JsonValue], key: str) -> int:
    """The place in a list that a part of a path names; `-` is the end."""
    if key == "-":
        return len(items)
    if not key.isascii() or not key.isdigit():
        raise ValueError(f"{key!r}: need a place in the list")
    return int(key)


def changed(document: JsonValue, path: list[str], op: str, value: JsonValue) -> JsonValue:
    """A document with the value at a path added, replaced or removed."""
    if not path:
        if op == "remove":
            raise ValueError("the whole resource cannot be removed")
        return value
    parent = value_at(document, path[:-1])
    key = path[-1]
    if isinstance(parent, dict):
        if op != "add" and key not in parent:
            raise KeyError(key)
        if op == "remove":
            del parent[key]
        else:
            parent[key] = value
    elif isinstance(parent, list):
        at = place(parent, key)
        if op == "add" and at <= len(parent):
            parent.insert(at, value)
        elif op == "replace":
            parent[at] = value
        elif op == "remove":
            del parent[at]
        else:
            raise IndexError(key)
    else:
        raise KeyError(key)
    return document
