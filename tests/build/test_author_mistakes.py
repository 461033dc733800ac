"""Every mistake that an author can make is one error that says where it is and what is needed."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from taskkit.build.domain import Domain
from taskkit.build.driver import Order, run
from taskkit.errors import SpecError, TaskkitError, UsageError

STARTER = files("taskkit.build") / "starter"
DESK = 'yield extra["desk"].draft('
PREPARED = "return Preparation("
DRAWN = "extra = preparation.extra\n        chance"


def domain(folder: Path, **changes: tuple[str, str]) -> Path:
    """Write the starter with a change in `manifest` or `builder`."""
    home = folder / "ward"
    home.mkdir()
    for name, kept in (("manifest", "domain.yaml"), ("builder", "builder.py")):
        text = (STARTER / f"{kept}.txt").read_text("utf-8").replace("NAME", "ward")
        old, new = changes.get(name, ("", ""))
        assert old in text, old
        (home / kept).write_text(text.replace(old, new) if old else text, "utf-8")
    return home


def build(home: Path, out: Path) -> None:
    read = Domain.read(home)
    run(Order(read, read.builder().Options(), out, limit=5))


MANIFEST = [
    (
        "a name unlike the folder's",
        ("name: ward", "name: word"),
        r"name: 'word': need the folder's",
    ),
    ("no image", ("image: base\n", ""), r"domain\.yaml.*image"),
    ("a key that is not known", ("title:", "titel:"), r"titel.*did you mean 'title'"),
    ("no such file", ("./builder.py", "./bilder.py"), r"builder './bilder\.py:Builder'"),
    ("no such class", ("py:Builder", "py:Bilder"), r"Bilder.*AttributeError"),
    ("no YAML", ("schema:", "schema: ["), r"domain\.yaml:\d+"),
    ("another version", ("taskkit/domain/1", "taskkit/domain/9"), r"schema.*taskkit/domain/9"),
]

BUILDER = [
    ("no Options", ("    Options = Options\n", ""), r"Options is None: need a pydantic model"),
    ("Options of another kind", ("    Options = Options\n", "    Options = 5\n"), r"Options is 5"),
    ("no prepare", ("def prepare(", "def ready("), r"no method prepare\(request\)"),
    ("no produce", ("def produce(", "def make("), r"no method produce\(preparation, unit\)"),
    (
        "another signature",
        ("prepare(self, request: Request)", "prepare(self)"),
        r"prepare\(request\)",
    ),
    ("a syntax error", ("class Builder:", "class Builder"), r"builder.*SyntaxError"),
    ("an import that fails", ("from random import", "from randm import"), r"ModuleNotFoundError"),
    ("nothing prepared", (PREPARED, "Preparation("), r"prepare: gave None: need a Preparation"),
    (
        "an exception in prepare",
        (PREPARED, "return [][1] or Preparation("),
        r"domain ward: prepare: builder\.py:\d+: IndexError: list index out of range",
    ),
    (
        "an exception in produce",
        (DRAWN, "return 1 / 0\n        " + DRAWN),
        r"domain ward: produce: unit '\d+': builder\.py:\d+: ZeroDivisionError",
    ),
    (
        "an asset that is not there",
        ("assets={}", 'assets={"a.csv": request.workdir / "a.csv"}'),
        r"asset 'a\.csv': .*no such file: need a finished one",
    ),
    (
        "an image that is not there",
        ('images=("base",)', 'images=("bass",)'),
        r"image 'bass': unknown",
    ),
    (
        "an image that was not prepared",
        ('images=("base",)', 'images=("sql",)'),
        r"task 'ward-\w+' of record '\d+': image 'base': the preparation names 'sql'",
    ),
    (
        "one unit twice",
        ("Unit(str(number), number)", 'Unit("u", number)'),
        r"unit 'u' stands twice",
    ),
    (
        "a text for a task",
        (DESK, 'yield "a task"\n        ' + DESK),
        r"unit '\d+': gave a str: need a TaskSpec or a Rejection",
    ),
    (
        "a code that is not declared",
        ('"degenerate_answer"', '"degenerated_answer"'),
        r"rejection code 'degenerated_answer': unknown: did you mean 'degenerate_answer'",
    ),
    (
        "one id for two records",
        ('content={"doses": given, "drug": drug}', 'content="the same"'),
        r"both record '\d+' and record '\d+' have this id",
    ),
    (
        "another domain's name",
        ('Desk("ward", "base", origin)', 'Desk("word", "base", origin)'),
        r"task 'word-\w+' of record '\d+': domain 'word': need 'ward'",
    ),
    (
        "an answer type that is none",
        ('NumberAnswer(kind="number", unit="mg")', 'NumberAnswer(kind="numbr", unit="mg")'),
        r"unit '\d+': builder\.py:\d+: ValidationError",
    ),
    (
        "an option that was not chosen",
        ("request.options.doses", "request.options.dozes"),
        r"prepare: builder\.py:\d+: AttributeError: .*dozes",
    ),
]


@pytest.mark.parametrize(
    ("change", "says"), [one[1:] for one in MANIFEST], ids=[m[0] for m in MANIFEST]
)
def test_a_mistake_in_the_manifest(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(SpecError) as caught:
        build(domain(tmp_path, manifest=change), tmp_path / "out")
    assert re.search(says, str(caught.value)), caught.value
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "says"), [one[1:] for one in BUILDER], ids=[b[0] for b in BUILDER]
)
def test_a_mistake_in_the_builder(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(SpecError) as caught:
        build(domain(tmp_path, builder=change), tmp_path / "out")
    assert re.search(says, str(caught.value)), caught.value
    assert not (tmp_path / "out").exists()


def test_a_set_that_stands_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    home, out = domain(tmp_path), tmp_path / "out"
    build(home, out)
    before = sorted(out.rglob("*.yaml"))
    text = (home / "builder.py").read_text("utf-8")
    (home / "builder.py").write_text(text.replace("if total == given[0][1]:", "if True:"))
    with pytest.raises(TaskkitError, match=r"\d+ records, no task \(.*\): .* stays as it was"):
        build(home, out)
    assert sorted(out.rglob("*.yaml")) == before


def test_a_domain_that_is_not_there_is_named_with_the_nearest() -> None:
    from taskkit.build.domain import domain as find

    with pytest.raises(UsageError, match=r"domain 'mimik': unknown: did you mean 'mimic'"):
        find("mimik")
