"""Documents: YAML files of one spec each; reading says where a mistake is and what is needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from taskkit.errors import SpecError
from taskkit.spec.base import Spec
from taskkit.spec.complaint import Complaint
from taskkit.spec.emitter import emit
from taskkit.spec.reader import DialectError, load
from taskkit.spec.task import TaskSpec
from taskkit.spec.validation import complaints

AnySpec = TypeVar("AnySpec", bound=Spec)

MAX_BYTES = 1_000_000  # a task is about 2.5 kB; a table of 1,000 rows about 100 kB
TASK_SCHEMA_PATH = "../../../schemas/task.json"  # from tasks/<split>/<category>/


def read_document(path: Path, model: type[AnySpec], *, max_bytes: int = MAX_BYTES) -> AnySpec:
    """Return the spec in a file.

    Raises:
        SpecError: the file cannot be read or holds no such spec; a line for each mistake.
    """
    return parse_document(read_bytes(path, max_bytes=max_bytes), model, path)


def parse_document(data: bytes, model: type[AnySpec], where: Path) -> AnySpec:
    """Return the spec that a document holds; ``where`` names it in messages.

    Raises:
        SpecError: the document holds no such spec; a line for each mistake.
    """
    result = check(data, model)
    if isinstance(result, Spec):
        return result
    raise SpecError("\n".join(complaint.text(str(where)) for complaint in result))


def parse_task(data: bytes, where: Path) -> TaskSpec:
    """Return the task that a document holds; ``where`` names it in messages.

    Raises:
        SpecError: the document holds no task; a line for each mistake.
    """
    return parse_document(data, TaskSpec, where)


def check(data: bytes, model: type[AnySpec]) -> AnySpec | tuple[Complaint, ...]:
    """Return the spec that a document holds, or all that is wrong with it."""
    try:
        text = data.decode()
        value = load(text)
    except UnicodeDecodeError as error:
        return (_not_utf8(data, error),)
    except DialectError as error:
        return (error.complaint,)
    if not isinstance(value, dict):
        what = "empty" if value is None else f"a {_kind(value)} at the top"
        return (Complaint(1, 1, "", "not_mapping", what, "need `name: value` lines"),)
    try:
        return model.model_validate(value, by_name=False)
    except ValidationError as error:
        return complaints(text, model, error)


class IrregularError(Exception):
    """A file whose bytes are not to be read.

    Attributes:
        size: Bytes, where it is too large; None where it is a pipe, a device or a folder.
    """

    def __init__(self, size: int | None = None) -> None:
        """Say how large it is."""
        super().__init__(size)
        self.size = size


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return a regular file's bytes; never wait for a pipe.

    Raises:
        IrregularError: it is none, or larger.
        OSError: it cannot be read.
    """
    # O_NONBLOCK: a pipe with no writer would block for ever
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:  # noqa: PTH123
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise IrregularError
        if status.st_size > max_bytes:
            raise IrregularError(status.st_size)
        return file.read(max_bytes)


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a regular file's bytes, at most ``max_bytes`` of them.

    Raises:
        SpecError: there is no such file, it cannot be read, or it is larger.
    """
    try:
        return read_regular(path, max_bytes)
    except IrregularError as error:
        if error.size is None:
            raise SpecError(f"{path}: not a regular file: need a YAML document") from error
        raise SpecError(f"{path}: {error.size} bytes: need {max_bytes} at most") from error
    except FileNotFoundError as error:
        raise SpecError(f"{path}: no such file") from error
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}") from error


def dump(spec: Spec, *, schema: str | None = None) -> bytes:
    """Return the document of a spec: fields in the model's order, defaults left out.

    Args:
        spec: What to write.
        schema: Path or URL of its JSON Schema, for editors; line 1 names it.

    Raises:
        SpecError: a value that YAML cannot hold, such as an infinite number.
    """
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    try:
        return (head + emit(spec.model_dump(exclude_defaults=True))).encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise SpecError(f"{getattr(spec, 'id', type(spec).__name__)}: {error}") from error


def dump_task(spec: TaskSpec) -> bytes:
    """Return the document of a task, as it stands in its place in a taskset."""
    return dump(spec, schema=TASK_SCHEMA_PATH)


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> Complaint:
    before = data[: error.start]
    line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
    message = f"byte 0x{data[error.start]:02x} is not UTF-8"
    return Complaint(line, column, "", "not_utf8", message, "save the file as UTF-8")


def _kind(value: JsonValue) -> str:
    return "list" if isinstance(value, list) else "single value"
