"""Programs get the packages of their image and no others, prepared once."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from taskkit.errors import MissingError
from taskkit.sandbox import environments
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Backend, Program, Site
from taskkit.sandbox.subprocess import Subprocess
from taskkit.spec import image
from taskkit.spec.environment import Limits

LIMITS = Limits(wall_s=60)
LOOK = """
answer = []
for name in ("tiny", "numpy", "pydantic", "taskkit", "pip", "setuptools"):
    try:
        __import__(name)
        answer.append(name)
    except ImportError:
        pass
"""


def wheel(folder: Path, name: str, version: str) -> str:
    """Write a wheel of one empty module, and return its SHA-256."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "ANSWER = 42\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    lines = []
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
            number = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            lines.append(f"{file},sha256={number.rstrip(b'=').decode()},{len(text)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,", ""]))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Give a folder of wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def tiny(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give an image that pins one package, where no network is."""
    number = wheel(wheels, "tiny", "1.2")
    images = tmp_path / "images"
    shutil.copytree(image.image_folder("base"), images / "tiny")
    (images / "tiny" / "image.yaml").write_text(
        "schema: taskkit/image/1\nname: tiny\ntitle: x\npreload: [sqlite3]\n"
    )
    (images / "tiny" / "requirements.txt").write_text(f"tiny==1.2 \\\n    --hash=sha256:{number}\n")
    (images / "tiny" / "requirements.in").write_text("# as asked for\ntiny>1\n")
    monkeypatch.setattr(image, "_images", lambda: images)
    monkeypatch.setattr(environments, "FOLDER", tmp_path / "cache")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.delenv(environments.WHEELHOUSE, raising=False)
    return "tiny"


@pytest.fixture(params=["namespace", "subprocess"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "namespace" and (reason := availability()):
        pytest.skip(f"no namespaces here: {reason}")
    return Namespace() if request.param == "namespace" else Subprocess()


def test_programs_import_what_their_image_pins_and_nothing_else(
    backend: Backend, tiny: str, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environments.WHEELHOUSE, str(wheels))
    worker = backend.worker(Site(tiny))
    try:
        with worker.session() as session:
            outcome = session.run(Program("python", LOOK, collect=True), LIMITS)
            shell = session.run(Program("shell", "python3 -c 'import tiny, numpy'"), LIMITS)
    finally:
        worker.close()
    assert outcome.document == b'["tiny"]', outcome
    assert shell.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'numpy'"


def test_queries_need_no_prepared_environment(backend: Backend, tiny: str, tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t as select 7 as a")
    connection.close()
    path.chmod(0o644)
    worker = backend.worker(Site(tiny, {"t.sqlite": path}, preload=("tiny",)))
    query = Program("sql", "select a from t", "t.sqlite", collect=True)
    try:
        with worker.session() as session:
            assert b"[[7]]" in (session.run(query, LIMITS).document or b"")
            with pytest.raises(MissingError, match="image tiny: its Python packages are not"):
                session.run(Program("python", "answer = 1"), LIMITS)
            assert b"[[7]]" in (session.run(query, LIMITS).document or b"")
    finally:
        worker.close()


@pytest.mark.parametrize("concurrent", [False, True])
def test_what_is_missing_is_prepared_for_the_first_program_that_needs_it(
    backend: Backend, tiny: str, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    concurrent: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv(environments.WHEELHOUSE, str(wheels))
    path = tmp_path / "t.sqlite"
    sqlite3.connect(path).close()
    path.chmod(0o644)
    worker = backend.worker(Site(tiny, {"t.sqlite": path}))
    query = Program("sql", "select 1", "t.sqlite", collect=True)
    with worker.session(concurrent=True) as other, worker.session(concurrent=concurrent) as session:
        assert other.run(query, LIMITS).status == "ok"
        assert session.run(query, LIMITS).status == "ok"
        assert environments.find(tiny) is None
        program = Program("python", "import tiny; answer = tiny.ANSWER", collect=True)
        assert session.run(program, LIMITS).document == b"42"
        assert environments.find(tiny) is not None
        assert other.run(query, LIMITS).status == "ok"
        assert other.run(program, LIMITS).document == b"42"
    worker.close()


def test_what_cannot_be_prepared_is_said_with_what_would_help(tiny: str) -> None:
    with pytest.raises(MissingError) as first:
        environments.ensure(tiny)
    assert first.value.exit_code == 3
    assert "tiny==1.2" in str(first.value)
    assert "taskkit images prepare tiny --wheelhouse DIR" in str(first.value)
    assert environments.find(tiny) is None


def test_a_wheelhouse_without_a_package_is_named(tiny: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(MissingError, match=r"image tiny: .*empty: no wheel of tiny==1\.2"):
        environments.ensure(tiny, wheelhouse=empty)


def test_what_a_killed_process_left_is_made_again(tiny: str, wheels: Path) -> None:
    half = environments.place(tiny)
    half.mkdir(parents=True)
    (half / "pyvenv.cfg").write_text("half")
    assert environments.find(tiny) is None
    folder = environments.ensure(tiny, wheelhouse=wheels)
    assert folder == half
    assert "home = " in (folder / "pyvenv.cfg").read_text()


def test_processes_that_want_the_same_make_it_once(tiny: str, wheels: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from taskkit.spec import image\n"
        "from taskkit.sandbox import environments\n"
        f"image._images = lambda: Path({str(image._images())!r})\n"
        f"environments.FOLDER = Path({str(environments.FOLDER)!r})\n"
        f"print(environments.ensure({tiny!r}))"
    )
    own = os.environ | {environments.WHEELHOUSE: str(wheels)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120) for process in running]
    assert {out.decode().strip() for out, _ in said} == {str(environments.place(tiny))}
    assert sum(err.count(b"preparing tiny") for _, err in said) == 1


def test_libraries_are_what_was_asked_for_with_the_version_that_is_pinned(tiny: str) -> None:
    assert environments.libraries(tiny) == {"tiny": "1.2"}
    assert environments.libraries("unknown") == {}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("base", set()),
        ("sql", {"pandas", "numpy", "duckdb"}),
        ("fhir", {"requests", "httpx", "fhirpy", "fhir.resources"}),
        ("ml", {"pandas", "scikit-learn", "lifelines", "scipy", "statsmodels", "pyarrow"}),
        ("bio", {"numpy", "scipy", "biopython", "pandas", "scikit-image"}),
    ],
)
def test_images_offer_what_their_tasks_need(name: str, wanted: set[str]) -> None:
    assert wanted <= set(environments.libraries(name))


def test_sequences_are_read_with_numpy_1() -> None:
    assert environments.libraries("bio")["numpy"].startswith("1.")
