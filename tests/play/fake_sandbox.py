"""A sandbox without isolation, in this process: for tests of what stands above it."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from taskkit.errors import SandboxError
from taskkit.sandbox.protocol import Outcome, Program, Site
from taskkit.sandbox.service import Running
from taskkit.spec.environment import Limits

BROKEN = "break the sandbox"
TIMEOUT = "run too long"


@dataclass
class FakePending:
    end: Callable[[], Outcome]

    def outcome(self) -> Outcome:
        return self.end()


@dataclass
class FakeSession:
    site: Site
    workspace: Path
    services: Mapping[str, Running] = field(default_factory=dict)

    def begin(self, program: Program, limits: Limits) -> FakePending:
        return FakePending(partial(self.run, program, limits))

    def run(self, program: Program, limits: Limits) -> Outcome:
        if program.code == BROKEN:
            raise SandboxError("the fake broke as told")
        if program.code == TIMEOUT:
            return Outcome("timeout", stdout="42", document=b"42" if program.collect else None)
        return getattr(self, program.language)(program)  # type: ignore[no-any-return]

    def sql(self, program: Program) -> Outcome:
        assert program.database is not None
        connection = sqlite3.connect(f"file:{self.site.assets[program.database]}?mode=ro", uri=True)
        try:
            cursor = connection.execute(program.code)
            columns = [column[0] for column in cursor.description or ()]
            rows = [list(row) for row in cursor.fetchall()]
        except sqlite3.Error as error:
            return Outcome("error", stderr=f"{type(error).__name__}: {error}", exit_code=1)
        finally:
            connection.close()
        text = "\n".join(" | ".join(map(str, row)) for row in [columns, *rows])
        text += f"\n({len(rows)} row{'s' * (len(rows) != 1)})\n"
        document = json.dumps({"columns": columns, "rows": rows}).encode()
        return Outcome("ok", text, document=document if program.collect else None, exit_code=0)

    def python(self, program: Program) -> Outcome:
        scope: dict[str, object] = {}
        stdout = io.StringIO()
        try:
            with redirect_stdout(stdout):
                code = program.code
                for name, path in self.site.assets.items():
                    code = code.replace(f"/data/{name}", str(path))
                exec(compile(code, "program.py", "exec"), scope)  # noqa: S102
        except BaseException:
            error = traceback.format_exc()
            return Outcome("error", stdout.getvalue(), error, 1, b"42" if program.collect else None)
        document = json.dumps(scope["answer"]).encode() if "answer" in scope else None
        return Outcome(
            "ok", stdout.getvalue(), document=document if program.collect else None, exit_code=0
        )

    def shell(self, program: Program) -> Outcome:
        made = subprocess.run(
            ["/bin/sh", "-c", program.code], cwd=self.workspace, capture_output=True, text=True
        )
        answer = self.workspace / "answer.json"
        return Outcome(
            "ok" if made.returncode == 0 else "error",
            made.stdout,
            made.stderr,
            made.returncode,
            answer.read_bytes() if program.collect and answer.exists() else None,
        )


@dataclass
class FakeWorker:
    site: Site
    queues: bool = True
    capacity: int = 64
    closed: bool = False

    @contextmanager
    def session(self, *, concurrent: bool = False) -> Iterator[FakeSession]:
        with tempfile.TemporaryDirectory() as folder:
            yield FakeSession(self.site, Path(folder))

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeBackend:
    name: str = "fake"
    isolation: str = "none at all"
    workers: list[FakeWorker] = field(default_factory=list)

    def worker(self, site: Site) -> FakeWorker:
        self.workers.append(FakeWorker(site))
        return self.workers[-1]
