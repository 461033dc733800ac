"""The bank of questions over studies: texts, parameters, conventions, answers and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from taskkit.analysis.parameter import ParameterKind
from taskkit.errors import SpecError, blame
from taskkit.spec.base import Many, Spec
from taskkit.spec.reader import load

SCALARS = Literal["integer", "number", "string", "boolean", "date"]
CONVENTIONS = "conventions.yaml"


class ValueSpec(Spec):
    """A named value of a question's answer."""

    name: str = Field(pattern=r"^[a-z]\w*$")
    """Key of the answer's object."""
    kind: Literal[
        "integer", "number", "string", "boolean", "date",
        "list", "set", "multiset", "table", "array",
    ]  # fmt: skip
    """`array`: numbers in one or two dimensions, whose order counts."""
    unit: str | None = None
    """UCUM code of a number."""
    decimals: int | None = None
    """Decimals asked for."""
    digits: int | None = None
    """Significant digits asked for, in place of decimals."""
    item: SCALARS | None = None
    """Of a list, set, multiset or array."""
    columns: Many[Many[str | int]] = ()
    """Of a table: name, kind, and decimals of a number."""
    ordered: bool = False
    """The order of a table's rows counts."""
    shape: Many[int] | None = None
    """Of an array, where it is always the same."""
    about: str | None = None
    """What the value is, where its name does not say it."""


class QuestionSpec(Spec):
    """A question that can be asked of any study."""

    name: str = Field(pattern=r"^[a-z]\w*$")
    """Also the name of its program."""
    parameters: dict[str, ParameterKind] = Field(default_factory=dict)
    """What it is asked for, in the order of drawing."""
    conventions: Many[str] = ()
    """Names of shared sentences that the answer hangs on."""
    states: str = ""
    """Conventions of its own."""
    texts: Many[str] = Field(min_length=2)
    """Phrasings; braces are parameters or facts of the study."""
    answer: Many[ValueSpec] = Field(min_length=1)
    """The named values."""


@dataclass(frozen=True)
class Entry:
    """A question with all that belongs to it."""

    group: str
    """The file that it stands in, such as `survival`."""
    question: QuestionSpec
    conventions: tuple[str, ...]
    """The shared sentences."""
    program: str
    """Python that sets `answer` from the tables and parameters."""

    @property
    def category(self) -> str:
        """The category of its tasks."""
        return f"{self.group}-{self.question.name}"


@cache
def read_bank(folder: Path) -> Mapping[str, Entry]:
    """Read the bank of a domain's folder: questions by name.

    Raises:
        SpecError: a file is absent or not of the form, a question stands twice, a convention or
            program is not there, or a program is there that no question names.
    """
    sentences = read_sentences(folder / "bank" / CONVENTIONS)
    bank: dict[str, Entry] = {}
    for path in sorted((folder / "bank").glob("*.yaml")):
        if path.name == CONVENTIONS:
            continue
        for question in read_questions(path):
            if question.name in bank:
                raise SpecError(f"{path}: {question.name}: there is one already: need another name")
            lacking = [name for name in question.conventions if name not in sentences]
            if lacking:
                raise SpecError(f"{path}: {question.name}: convention {lacking[0]!r}: not there")
            program = folder / "programs" / f"{question.name}.py"
            with blame(SpecError, f"{path}: {question.name}"):
                code = program.read_text("utf-8")
            said = tuple(sentences[name] for name in question.conventions)
            bank[question.name] = Entry(path.stem, question, said, code)
    idle = {path.stem for path in (folder / "programs").glob("*.py")} - bank.keys()
    if idle:
        raise SpecError(f"{folder / 'programs'}: {sorted(idle)[0]}.py: no question names it")
    return bank


def read_sentences(path: Path) -> dict[str, str]:
    """Read the shared sentences by name."""
    with blame(SpecError, str(path)):
        return TypeAdapter(dict[str, str]).validate_python(load(path.read_text("utf-8")))


def read_questions(path: Path) -> Iterator[QuestionSpec]:
    """Read the questions of a file."""
    with blame(SpecError, str(path)):
        value = load(path.read_text("utf-8"))
    if not isinstance(value, list):
        raise SpecError(f"{path}: not a list of questions")
    for number, item in enumerate(value, 1):
        try:
            yield QuestionSpec.model_validate(item)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise SpecError(f"{path}: question {number}: {where}: {first['msg']}") from error
