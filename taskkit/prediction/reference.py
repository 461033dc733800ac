"""The reference program of a task: its constants, the program of the domain, and the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from taskkit.errors import SpecError, blame

DATA = "/data"
PROGRAMS = "programs"
TABLE = (
    "answer = [[int(row), *values] for row, values in "
    "zip(predictions.index, predictions{rounded}.values.tolist())]\n"
)
FILE = "predictions{rounded}.to_csv({path!r})\n"
ROUNDED = ".round(6)"  # fewer digits keep a table small


@dataclass(frozen=True)
class Sheets:
    """The files of a task by name, and the columns of its answer."""

    key: str
    features: str
    train: str
    rows: str
    outputs: tuple[str, ...]
    decision: bool
    """Labels are predicted, not scores."""

    def constants(self, folder: str) -> str:
        """The lines before the program."""
        return (
            f"FOLDER = {folder!r}\nKEY = {self.key!r}\nFEATURES = {self.features!r}\n"
            f"TRAIN = {self.train!r}\nROWS = {self.rows!r}\nOUTPUTS = {list(self.outputs)!r}\n"
            f"DECISION = {self.decision!r}\n"
        )


def read_program(domain: Path, name: str) -> str:
    """A program of a domain.

    Raises:
        SpecError: there is none of that name.
    """
    path = domain / PROGRAMS / name
    if not path.is_file():
        raise SpecError(f"{path}: no such program: need the one that labels.yaml names")
    return path.read_text()


def program(body: str, sheets: Sheets, file: str | None) -> str:
    """The whole program, for the sandbox; it sets `answer`, or leaves the file."""
    rounded = "" if sheets.decision else ROUNDED
    end = TABLE.format(rounded=rounded)
    if file is not None:
        end = FILE.format(rounded=rounded, path=file)
    return f"{sheets.constants(DATA)}{body}{end}"


def predict(body: str, sheets: Sheets, folder: Path) -> Any:
    """Run the program on the files of a folder, in this process: it is the domain's own code.

    Returns:
        Its data frame `predictions`.

    Raises:
        SpecError: the program fails.
    """
    space: dict[str, Any] = {}
    code = compile(sheets.constants(str(folder)) + body, "<reference>", "exec")
    with single_thread(), blame(SpecError, "reference program"):
        exec(code, space)  # noqa: S102 - a program of the domain's folder, as its builder is
        return space["predictions"]


@contextmanager
def single_thread() -> Iterator[None]:
    """Linear algebra on one thread: the same sums everywhere, and no fight over cores."""
    limits = import_module("threadpoolctl").threadpool_limits  # has no types of its own
    with limits(1):
        yield
