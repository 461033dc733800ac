"""The mistakes that authors make, each over one small domain, and what is said of them.

`python -m tests.build.mistakes` prints the table that docs/domains.md holds.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import click

from taskkit.build.domain import Domain
from taskkit.build.domain import domain as find
from taskkit.build.driver import Order, run
from taskkit.cli.options import options
from taskkit.errors import TaskkitError
from taskkit.verify.proof import Job, Proving

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "domains.md"
STARTER = files("taskkit.build") / "starter"
DIALYSIS = ROOT / "tests" / "fixtures" / "clinics" / "dialysis"
DESK = 'yield extra["desk"].draft('
PREPARED = "return Preparation("
DRAWN = "extra = preparation.extra\n        chance"
UNITS = "[Unit(str(number), number) for number in range(SPARE * wanted)]"
ASKED = 'f"A patient was given'
IMPORTS = "from random import Random"
REFERENCE = 'f"doses = {given!r}\\n'
ADDS = 'f"one dose of {drug}: nothing to add"'
OPTION = "    doses: int = Field(default=4, ge=2, le=20)\n"
FIELDS = "record=unit.name,"

Part = Literal["manifest", "builder", "template"]
FILES: dict[Part, str] = {
    "manifest": "domain.yaml",
    "builder": "builder.py",
    "template": "templates/session.yaml",
}


@dataclass(frozen=True)
class Mistake:
    """A change that makes a domain that works one that does not."""

    what: str
    part: Part
    old: str
    new: str
    command: str = "build"

    def home(self, folder: Path) -> Path:
        """Write the domain with the mistake."""
        home = folder / ("dialysis" if self.part == "template" else "ward")
        if self.part == "template":
            shutil.copytree(DIALYSIS, home, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            home.mkdir()
            for name in ("domain.yaml", "builder.py"):
                text = (STARTER / f"{name}.txt").read_text("utf-8").replace("NAME", "ward")
                (home / name).write_text(text, "utf-8")
        changed = home / FILES[self.part]
        text = changed.read_text("utf-8")
        assert self.old in text, self.old
        changed.write_text(text.replace(self.old, self.new), "utf-8")
        return home


def manifest(what: str, old: str, new: str) -> Mistake:
    return Mistake(what, "manifest", old, new)


def builder(what: str, old: str, new: str) -> Mistake:
    return Mistake(what, "builder", old, new)


def before(what: str, line: str, new: str) -> Mistake:
    """Have something done before a line."""
    return Mistake(what, "builder", line, f"{new}\n        {line}")


def template(what: str, old: str, new: str) -> Mistake:
    return Mistake(what, "template", old, new)


def reference(what: str, code: str) -> Mistake:
    return Mistake(what, "builder", REFERENCE, f'f"{code}\\n{REFERENCE[2:]}', "verify")


MANIFEST = [
    manifest("a name unlike the folder's", "name: ward", "name: word"),
    manifest("no image", "image: base\n", ""),
    manifest("an image that does not exist", "image: base", "image: bass"),
    manifest("a key that is not known", "title:", "titel:"),
    manifest("a value of another type", "title: Doses of a small ward", "title: [1]"),
    manifest("no YAML", "schema:", "schema: ["),
    manifest("another version of the form", "taskkit/domain/1", "taskkit/domain/9"),
    manifest("a builder's file that is not there", "./builder.py", "./bilder.py"),
    manifest("a builder's class that is not there", "py:Builder", "py:Bilder"),
    manifest("a builder's module that is not installed", "./builder.py:", "wards.builder:"),
    manifest("a probe that is not there", "image: base", "image: base\nprobes: [./probe.py:P]"),
    manifest(
        "a rejection code that is no name", "image: base", "image: base\nrejections: {A b: c}"
    ),
]

CLASS = [
    builder("no Options", "    Options = Options\n", ""),
    builder("Options that is no model", "    Options = Options\n", "    Options = 5\n"),
    builder("an option that every build has", OPTION, f"    limit: int = 1\n{OPTION}"),
    builder("an option without a default", OPTION, OPTION + "    drug: str\n"),
    builder(
        "an option of a type for no command line", OPTION, OPTION + "    d: dict[str, int] = {}\n"
    ),
    builder("no prepare", "def prepare(", "def ready("),
    builder("no produce", "def produce(", "def make("),
    builder("another signature", "prepare(self, request: Request)", "prepare(self)"),
    builder("a syntax error", "class Builder:", "class Builder"),
    builder("an import that fails", IMPORTS, "from randm import Random"),
]

PREPARE = [
    builder("None from prepare", PREPARED, "Preparation("),
    builder("an exception in prepare", PREPARED, "return [][1] or Preparation("),
    builder("sys.exit in prepare", PREPARED, "raise SystemExit(1)\n        return Preparation("),
    builder("an option that was not chosen", "request.options.doses", "request.options.dozes"),
    builder("a document that is not UTF-8", "documents={}", 'documents={"a": b"\\xe9".decode()}'),
    builder("a document that is no text", "documents={}", 'documents={"a": 5}'),
    builder("an asset that does not exist", "assets={}", 'assets={"a.csv": request.workdir / "a"}'),
    builder("an asset whose name is a path", "assets={}", 'assets={"../a": __file__}'),
    builder("no origin", "origins=(origin,)", "origins=()"),
    builder("an origin that is no Origin", "origins=(origin,)", 'origins=("me",)'),
    builder("a digest that is none", 'f"{request.seed:064x}"', '"abc"'),
    builder("an access that is none", '"CC0-1.0", "open"', '"CC0-1.0", "mine"'),
    builder("an image that nobody knows", 'images=("base",)', 'images=("bass",)'),
    builder("an image that was not prepared", 'images=("base",)', 'images=("sql",)'),
    builder("no units", UNITS, "[]"),
    builder("units that can be read once", UNITS, "iter([Unit('1', 1)])"),
    builder("a unit that is no Unit", UNITS, "['1']"),
    builder("a unit whose name is no text", "Unit(str(number), number)", "Unit(number, number)"),
    builder("one unit twice", "Unit(str(number), number)", 'Unit("u", number)'),
    builder("a limit that is no number", "limit=wanted", 'limit="50"'),
    builder("a balance that is none", "balance=Balance()", "balance=0.2"),
    builder("what no other process can be given", '"seed": request.seed', '"seed": lambda: 1'),
]

PRODUCE = [
    before("an exception in produce", DRAWN, "1 / 0"),
    before("sys.exit in produce", DRAWN, "raise SystemExit(1)"),
    builder("a produce that never ends", DRAWN, f"while True: pass\n        {DRAWN}"),
    before("a unit that gives tasks without end", DRAWN,
           'while True: yield Rejection("1", "surplus", "")'),
    builder("a produce that gives nothing", DRAWN, f"return\n        {DRAWN}"),
    builder("a produce that returns None", "-> Iterator[TaskSpec | Rejection]:",
            "-> None:\n        return None\n    def other(self, preparation, unit):"),
    builder("a produce that returns a list of texts", "-> Iterator[TaskSpec | Rejection]:",
            "-> list[str]:\n        return ['a']\n    def other(self, preparation, unit):"),
    before("a text for a task", DESK, 'yield "a task"'),
    builder("a code that is not declared", '"degenerate_answer"', '"degenerated_answer"'),
    builder("a rejection whose record is no text", "Rejection(unit.name,", "Rejection(5,"),
    builder("a rejection without a detail", ADDS, "None"),
    builder("evidence that is no JSON", ADDS, '"", {"doses": {1}}'),
    builder("every record rejected", "if total == given[0][1]:", "if True:"),
    builder("one id for two records", 'content={"doses": given, "drug": drug}', 'content="same"'),
    builder("random ids", 'content={"doses": given, "drug": drug}', "content=Random().random()"),
    builder("random content", ASKED, 'f"Case {Random().random():.6f}. A patient was given'),
    builder("the time in the content", IMPORTS + "\n",
            f"{IMPORTS}\nimport time\nSTARTED = time.time()\n"),
    builder("the order of a set in the content", ASKED,
            'f"{str().join({*map(chr, range(97, 117))})} A patient was given'),
    before("content that hangs on other units", DRAWN,
           'preparation.extra["seed"] += 1'),
    builder("another domain's name", 'Desk("ward",', 'Desk("word",'),
    builder("a record whose name is no text", FIELDS, "record=unit.payload,"),
    builder("a category that is no name", "category=drug", 'category="A / b"'),
    builder("a field that tasks do not have", FIELDS, f"{FIELDS} max_stepz=5,"),
    builder("an answer type that does not exist", 'NumberAnswer(kind="number"',
            'NumberAnswer(kind="numbr"'),
    builder("an oracle kind that does not exist", 'NumericOracle(kind="numeric"',
            'NumericOracle(kind="numerics"'),
    builder("an answer and an oracle that do not fit", 'NumberAnswer(kind="number", unit="mg")',
            "StringAnswer(kind='string')"),
    builder("another unit in the oracle", 'expected=total, unit="mg"', 'expected=total, unit="g"'),
    builder("NaN as the answer", "expected=total", "expected=float('nan')"),
    builder("half of a character", ASKED, 'f"\\ud800A patient was given'),
    builder("an asset that is not in Preparation.assets", FIELDS,
            f'{FIELDS} environment=Environment(image="base",'
            ' assets=(Asset(name="a.csv", sha256="0" * 64),)),'),
    builder("a document that is not in Preparation.documents", FIELDS,
            f'{FIELDS} context=(Document(name="notes", sha256="0" * 64),),'),
]  # fmt: skip

TEMPLATES = [
    template("a slot in quotes", "where patient = {patient}\n", "where patient = '{patient}'\n"),
    template("a slot that nothing fills", "where patient = {patient}\n", "where patient = {who}\n"),
    template("a slot that no question says", "from patient {patient}, to", "from a patient, to"),
    template("SQL that fails in every slot", "sum(litres)", "sum(liters)"),
    template("SQL that gives nothing in every slot", "= {patient}", "= -{patient}"),
]  # fmt: skip

REFERENCES = [
    reference("a reference that raises", "1 / 0"),
    reference("a reference that leaves no answer", "raise SystemExit"),
    reference("a reference that prints and leaves nothing", "print(7); exit()"),
    reference("a reference that writes where it may not", "open('/proc/answer', 'w')"),
    Mistake("a reference with another answer", "builder", "if name == {drug!r})", "if 1)",
            "verify"),
    Mistake("a reference with a syntax error", "builder", REFERENCE, 'f"doses = = {given!r}\\n',
            "verify"),
]  # fmt: skip

MORE = {"time": 'f"{STARTED:.0f}: A patient was given'}


def message(mistake: Mistake, folder: Path) -> str:
    """Commit a mistake, and give what is said of it."""
    home = mistake.home(folder)
    if mistake.what == "the time in the content":
        path = home / "builder.py"
        path.write_text(path.read_text("utf-8").replace(ASKED, MORE["time"]), "utf-8")
    imports = home / "builder.py"
    text = imports.read_text("utf-8")
    if mistake.part == "builder":
        names = (
            "from taskkit import (\n    Asset,\n    Document,\n    Environment,\n    StringAnswer,"
        )
        imports.write_text(text.replace("from taskkit import (", names), "utf-8")
    out = folder / "out"
    try:
        read = Domain.read(home)
        chosen = read.builder().Options
        options(chosen, (), str(home))
        run(Order(read, chosen(), out, limit=5))
    except TaskkitError as error:
        assert not out.exists(), "a set was left"
        return told(str(error), folder)
    assert mistake.command == "verify", f"{mistake.what}: it was built"
    return told(verified(out, folder), folder)


def verified(out: Path, folder: Path) -> str:
    """Verify the first task of a set, and give what is found."""
    prover = Proving(out, folder / "cache", "subprocess", True, 1)()
    try:
        file = min(out.glob("tasks/*/*/*.yaml"), key=lambda path: path.name)
        found = prover.do(Job(str(file.relative_to(out))))
    finally:
        prover.close()
    return f"{found.file}: {found.code}: {found.detail}"


VARY = [
    (r"ward-[0-9a-f]{16}", "ward-…"),
    (r"tasks/\w+/\w+/", "tasks/…/"),
    (r"partial-\d+", "partial-…"),
    (r"(builder\.py:|line |after )\d+", r"\1…"),
    (r"<[^<>]* at 0x[0-9a-f]+>", "…"),
    (r"0\.\d{6}|\b\d{10}\b|\b[a-t]{20}\b", "…"),
    (r"'\d+ mg is one", "'… mg is one"),
    ("`", "'"),
]
"""What changes from one machine, or line, to the next."""


def told(text: str, folder: Path) -> str:
    """Give a message without what changes from one machine, or line, to the next."""
    text = " ".join(text.replace(f"{folder}/", "").split()).replace("tests.fixtures.", "")
    for pattern, what in VARY:
        text = re.sub(pattern, what, text)
    return text


def two_of_one_name(folder: Path) -> str:
    """Two folders with a domain of one name."""
    for parent in ("a", "domains"):
        (folder / parent).mkdir()
        MANIFEST[0].home(folder / parent)
        text = (folder / parent / "ward" / "domain.yaml").read_text("utf-8")
        (folder / parent / "ward" / "domain.yaml").write_text(text.replace("word", "ward"), "utf-8")
    return _found(folder, "ward", folder / "a")


def no_manifest(folder: Path) -> str:
    """A folder of domains with one that has no manifest."""
    (folder / "domains" / "ward").mkdir(parents=True)
    return _found(folder, "ward")


def no_utf8(folder: Path) -> str:
    """A manifest that is not UTF-8."""
    home = MANIFEST[0].home(folder)
    (home / "domain.yaml").write_bytes("title: Größe".encode("latin-1"))
    try:
        Domain.read(home)
    except TaskkitError as error:
        return told(str(error), folder)
    raise AssertionError("it was read")


def misspelt(folder: Path) -> str:
    """A domain that is not there."""
    return _found(folder, "mimik")


def _found(folder: Path, name: str, *extra: Path) -> str:
    try:
        with chdir(folder):
            find(name, extra)
    except TaskkitError as error:
        return told(str(error), folder)
    raise AssertionError("it was found")


FOLDERS: dict[str, Callable[[Path], str]] = {
    "two domains of one name": two_of_one_name,
    "a folder without domain.yaml": no_manifest,
    "a manifest that is not UTF-8": no_utf8,
    "a domain that is not there": misspelt,
}

CHANGES = [*MANIFEST, *CLASS, *PREPARE, *PRODUCE, *TEMPLATES, *REFERENCES]


def documented() -> dict[str, str]:
    """Give the messages that docs/domains.md promises, by mistake."""
    rows = re.findall(r"^\| ([^|]+) \| `\w+` \| `(.+)` \|$", PAGE.read_text("utf-8"), re.M)
    return {what: text.replace("\\|", "|") for what, text in rows}


def table() -> Iterator[str]:
    """Give the rows of the table in docs/domains.md, but for those of plug-ins."""
    for what, make in FOLDERS.items():
        with tempfile.TemporaryDirectory() as name:
            yield row(what, "build", make(Path(name)))
    for one in CHANGES:
        with tempfile.TemporaryDirectory() as name:
            yield row(one.what, one.command, message(one, Path(name)))


def row(what: str, command: str, text: str) -> str:
    """Give a row of the table."""
    text = text.replace("|", "\\|")
    return f"| {what} | `{command}` | `{text}` |"


if __name__ == "__main__":
    for line in table():
        click.echo(line)
