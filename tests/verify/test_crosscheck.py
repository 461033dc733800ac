"""A cross-check takes some of every category and image, and tells every difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from taskkit.verify.crosscheck import _compare, sample
from taskkit.verify.results import Result

ONE = Result(
    id="a", file="a.yaml", sha256="0", domain="d", split="test", category="c", code="verified",
    detail="", repeats=1, answer="x", wall_s=0, program_s=0, sandbox="namespace", version="1",
)  # fmt: skip


def results(folder: Path, counts: dict[tuple[str, str], int]) -> list[Result]:
    made = []
    for (image, category), count in counts.items():
        for number in range(count):
            id = f"{image}-{category}-{number}"
            (folder / f"{id}.yaml").write_text(f"id: {id}\nenvironment:\n  image: {image}\n")
            made.append(replace(ONE, id=id, file=f"{id}.yaml", category=category))
    return made


def test_a_sample_has_a_hundredth_of_each_and_at_least_one(tmp_path: Path) -> None:
    counts = {("sql", "many"): 250, ("sql", "few"): 2, ("ml", "few"): 1}
    found = results(tmp_path, counts)
    chosen = sample(tmp_path, found)
    sizes = {
        (image, category): sum(one.category == category for one in chosen[image])
        for image, category in counts
    }
    assert sizes == {("sql", "many"): 3, ("sql", "few"): 1, ("ml", "few"): 1}
    assert sample(tmp_path, reversed(found)) == chosen


def test_a_difference_of_code_or_answer_is_told() -> None:
    assert _compare(ONE, replace(ONE, sandbox="docker", wall_s=9)) == []
    assert [one.there for one in _compare(ONE, replace(ONE, answer="y"))] == ["answer y"]
    other = replace(ONE, code="reference_failed", detail="timeout: ")
    assert [one.there for one in _compare(ONE, other)] == ["reference_failed: timeout: "]
