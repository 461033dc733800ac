"""From what an author decides to a task: ids, digests and provenance follow by themselves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from taskkit import __version__
from taskkit.build.origin import Origin
from taskkit.spec.action import Action, CodeExecution
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.environment import Environment
from taskkit.spec.oracle import Oracle
from taskkit.spec.provenance import Provenance
from taskkit.spec.task import TASK_SCHEMA, Document, Reference, Split, TaskSpec
from taskkit.spec.wording import describe

OWN_LICENCE = "CC0-1.0"  # of what taskkit draws
SPLIT_WORDS: dict[str, Split] = {
    **{"train": "train", "training": "train", "valid": "valid", "validation": "valid"},
    **{"val": "valid", "dev": "valid", "test": "test", "testing": "test"},
}
SPLITS: tuple[tuple[float, Split], ...] = ((0.8, "train"), (0.9, "valid"), (1.0, "test"))


@dataclass(frozen=True)
class Desk:
    """What every task of a build shares."""

    domain: str
    image: str
    origin: Origin
    citation: str | None = None

    def draft(
        self,
        text: str,
        answer: AnswerSpec,
        oracle: Oracle,
        reference: str | Sequence[Action],
        *,
        category: str,
        record: str,
        content: JsonValue = None,
        split: Split | None = None,
        environment: Environment | None = None,
        context: Sequence[Document] = (),
        **more: object,
    ) -> TaskSpec:
        """Make a task.

        Args:
            text: What is asked, without the form of the answer.
            reference: Python source that sets `answer`, or the steps of the solution.
            record: Identifier of the source record, for people.
            content: What the id is made of: all that makes the record this one and no other. The
                record's name and the text where not given.
            split: The publisher's; by a digest, eight in ten for training, where not given.
            environment: Where it runs; the domain's image and nothing else where not given.
            more: Other fields of `TaskSpec`, such as `max_steps` or `guessable`.

        Raises:
            pydantic.ValidationError: the parts do not make a task.
        """
        told: JsonValue = {"record": record, "text": text} if content is None else content
        source = json.dumps(told, sort_keys=True)
        key = hashlib.sha256(f"{self.domain}\0{source}".encode()).hexdigest()
        steps = (solution(reference),) if isinstance(reference, str) else tuple(reference)
        fields: dict[str, object] = {
            "schema_version": TASK_SCHEMA,
            "id": f"{self.domain}-{key[:16]}",
            "domain": self.domain,
            "category": category,
            "split": split or split_of(key),
            "instruction": f"{text}\n\n{describe(answer)}",
            "context": tuple(context),
            "answer": answer,
            "environment": environment or Environment(image=self.image),
            "oracle": oracle,
            "reference": Reference(steps=steps),
            "provenance": Provenance(
                source=self.origin.name,
                record=record,
                record_sha256=hashlib.sha256(source.encode()).hexdigest(),
                licence=self.origin.licence,
                access=self.origin.access,
                citation=self.citation,
                builder=f"{self.domain} {__version__}",
            ),
        }
        return TaskSpec.model_validate(fields | more)


def solution(code: str) -> CodeExecution:
    """Make the step that runs a Python program and submits its variable `answer`."""
    return CodeExecution(action="code_execution", language="python", code=code, submit=True)


def document(name: str, text: str) -> Document:
    """Give the reference of a document that `Preparation.documents` holds under its name."""
    return Document(name=name, sha256=hashlib.sha256(text.encode()).hexdigest())


def split_of(key: str) -> Split:
    """Give the part of the set that a hexadecimal digest falls into."""
    place = int(key[-8:], 16) / 0x1_0000_0000
    return next(name for share, name in SPLITS if place < share)


def published_split(file: Path) -> Split | None:
    """Give the split that a publisher's file name tells: a word of it; None where none does."""
    words = re.split(r"[^a-z]+", file.name.lower())
    for word, split in SPLIT_WORDS.items():
        if word in words:
            return split
    return None


def own(domain: str, folder: Path) -> Origin:
    """Give the origin of what is drawn from a domain's own folder."""
    return Origin(f"taskkit {domain} {__version__}", OWN_LICENCE, "open", folder_sum(folder))


def folder_sum(folder: Path) -> str:
    """Give the digest of all that a domain's folder says, by name."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".py", ".txt"):
            total.update(path.relative_to(folder).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()
