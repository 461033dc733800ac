"""Images are pinned, repeatable, and known by their content."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taskkit.errors import SourceError, SpecError
from taskkit.sandbox.building import default_base, wheels
from taskkit.sandbox.imagelint import lint
from taskkit.spec.image import DOCKERFILE, content, digest, image_folder, image_names, manifest


@pytest.mark.parametrize("name", image_names())
def test_every_image_passes_its_checks(name: str) -> None:
    assert lint(image_folder(name)) == []
    assert default_base(name) == "python:3.11-slim-bookworm"


def test_one_dockerfile_serves_every_image() -> None:
    written = {path.parent.name for path in image_folder("sql").parents[0].rglob(DOCKERFILE)}
    assert written == {"images"}
    assert len({content(image_folder(name))[DOCKERFILE] for name in image_names()}) == 1


def test_an_image_may_have_a_dockerfile_of_its_own(folder: Path) -> None:
    (folder / DOCKERFILE).write_text("ARG BASE=other")
    assert content(folder)[DOCKERFILE] == b"ARG BASE=other"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of an image's folder, with the Dockerfile that it is built by."""
    made = Path(shutil.copytree(image_folder("sql"), tmp_path / "sql"))
    (made / DOCKERFILE).write_bytes(content(made)[DOCKERFILE])
    return made


@pytest.mark.parametrize(
    ("file", "before", "after", "finding"),
    [
        ("Dockerfile", "USER agent", "USER root", "need one other than root"),
        ("Dockerfile", "FROM ${BASE} AS", "FROM debian AS", "FROM debian"),
        ("Dockerfile", "COPY requirements.txt", "ADD requirements.txt", "need COPY"),
        ("Dockerfile", "ARG BASE=", "ARG BASIS=", "need one line"),
        ("requirements.txt", "pandas==", "pandas>=", "need NAME==VERSION"),
        ("requirements.txt", "--hash=sha256:", "--hash=md5:", "no hashes"),
        ("requirements.txt", "duckdb==", "--index-url https://x.example\nduckdb==", "no remote"),
        ("image.yaml", "name: sql", "name: other", "need 'sql'"),
    ],
)
def test_what_is_wrong_with_an_image_is_found(
    folder: Path, file: str, before: str, after: str, finding: str
) -> None:
    path = folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    assert any(finding in line for line in lint(folder))


def test_a_digest_follows_the_content(folder: Path) -> None:
    before = digest(folder)
    assert before == digest(image_folder("sql"))
    (folder / ".hidden").write_text("x")
    assert digest(folder) == before
    (folder / "requirements.txt").write_text("# other\n")
    assert digest(folder) != before


def test_a_file_from_elsewhere_is_not_brought_into_an_image(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / "notes.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(SpecError, match=r"notes\.txt: a symbolic link: need a regular file$"):
        content(folder)


def test_a_wheelhouse_that_lacks_a_package_says_which(folder: Path, tmp_path: Path) -> None:
    house = tmp_path / "wheels"
    house.mkdir()
    (folder / "requirements.txt").write_text("some.thing==1.0\nother==2\n")
    (house / "some_thing-1.0-py3-none-any.whl").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"no wheel of other==2: .*\n  pip download"):
        wheels(folder, house)
    (house / "other-2-py3-none-any.whl").write_bytes(b"y")
    assert wheels(folder, house) == {
        "wheels/some_thing-1.0-py3-none-any.whl": b"x",
        "wheels/other-2-py3-none-any.whl": b"y",
    }


def test_an_unknown_image_names_the_known() -> None:
    with pytest.raises(SpecError, match="need one of base, bio"):
        image_folder("nothing")


def test_a_manifest_with_a_wrong_module_is_refused(folder: Path) -> None:
    (folder / "image.yaml").write_text(
        'schema: taskkit/image/1\nname: sql\ntitle: x\npreload: ["os; import x"]\n'
    )
    with pytest.raises(SpecError, match="preload"):
        manifest(folder)
