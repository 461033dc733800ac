"""The wheel holds what the checkout holds, and its command works away from it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = {"domains": "domains", "builders": "builders", "schemas": "schemas", "images": "images"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the checkout's tracked files, as a release would be."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(folder), str(source)], check=True
    )
    return next(folder.glob("*.whl"))


def expected() -> set[str]:
    names = {
        f"taskkit/{path.relative_to(ROOT / 'taskkit')}"
        for path in (ROOT / "taskkit").rglob("*")
        if path.is_file() and not {"builders", "__pycache__"} & set(path.relative_to(ROOT).parts)
    }
    for folder, package in PARTS.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                names.add(f"taskkit/{package}/{path.relative_to(ROOT / folder)}")
    return names


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == {"taskkit"}
    assert names == expected()


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel beside the packages that the tests have."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "beside.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)],
        check=True,
    )
    return folder / "bin" / "taskkit"


def test_the_installed_command_builds_validates_and_verifies(command: Path, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        return subprocess.run(
            [str(command), *words], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    where = subprocess.run(
        [str(command.parent / "python"), "-c", "import taskkit; print(taskkit.__file__)"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert str(command.parents[1]) in where
    assert "mimic" in run("domains")
    run("build", "mimic", "--patients", "60", "--limit", "60")
    assert "all valid" in run("validate", "tasks/mimic")
    assert "verified" in run("verify", "tasks/mimic", "-k", "1")


@pytest.mark.timeout(900)  # six commands, each from its start
def test_a_new_domain_is_built_and_proved_away_from_the_checkout(
    command: Path, tmp_path: Path
) -> None:
    for words, end in (
        (("new", "domain", "ward"), "next: taskkit build ward && taskkit prove tasks/ward"),
        (("build", "ward", "--count", "6"), "next: taskkit prove tasks/ward"),
        (("validate", "tasks/ward"), "all valid"),
        (("verify", "tasks/ward"), "6 of 6 verified"),
        (("audit", "tasks/ward"), "6 of 6 instances without a finding"),
        (("prove", "tasks/ward"), "6 of 6 proved"),
    ):
        done = subprocess.run([str(command), *words], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert end in done.stdout
