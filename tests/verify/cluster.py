"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket there, for one user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

PLACES = ("/usr/lib/postgresql", "/usr/pgsql-*", "/opt/homebrew/opt/postgresql*", "/usr/local")
ACCESS = "local all taskkit trust\nlocal all all scram-sha-256\n"
STARTED_S = 120.0  # on a machine with much else to do


def programs() -> Path | None:
    """The folder of initdb and postgres, the newest where there are several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    every = [
        path.parent
        for place in PLACES
        for root in Path("/").glob(place.lstrip("/"))
        for path in (*root.glob("bin/initdb"), *root.glob("*/bin/initdb"))
    ]
    return max(every, key=lambda path: [int(n) for n in path.parts if n.isdigit()], default=None)


class Cluster:
    """A server that can be ended, as by a crash, and started again."""

    def __init__(self) -> None:
        """Make it and start it; skip the test where its programs are not there."""
        found = programs()
        if found is None:
            pytest.skip("no PostgreSQL server here: apt-get install postgresql")
        self._bin, self._as = found, _other_user()
        self.folder = Path(tempfile.mkdtemp(prefix="taskkit-pg-", dir="/tmp"))  # a short path
        if self._as:
            user = pwd.getpwnam(self._as)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._run(
                "initdb", "-D", self._data, "-U", "taskkit", "-A", "trust", "-E", "UTF8",
                "--locale", "C", "--no-sync",
            )  # fmt: skip
            (self._data / "pg_hba.conf").write_text(ACCESS)
            self.start()
        except BaseException:
            self.remove()
            raise

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = (
            "postgres", "-D", self._data, "-k", self.folder, "-c", "listen_addresses=",
            "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=20",
        )  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(*command), stdout=log, stderr=log)
        until = time.monotonic() + STARTED_S
        while not self._is_ready():
            assert time.monotonic() < until, (self.folder / "log").read_text()
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        path = self._data / "postmaster.pid"
        return path.exists() and "\nready" in path.read_text()

    def kill(self) -> None:
        """End it at once, with all its connections."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # setpriv has become the server
            self._process.wait()

    def remove(self) -> None:
        """End it and remove its files."""
        self.kill()
        shutil.rmtree(self.folder)

    def url(self, role: str = "taskkit", password: str = "", database: str = "postgres") -> str:
        """How it is named."""
        who = f"{role}:{password}" if password else role
        return f"postgresql://{who}@/{database}?host={self.folder}"

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        """Run SQL as its owner."""
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return list(cursor) if cursor.description else []

    def _run(self, name: str, *words: str | Path) -> None:
        subprocess.run(self._command(name, *words), check=True, capture_output=True, cwd="/tmp")

    def _command(self, name: str, *words: str | Path) -> list[str]:
        command = [str(self._bin / name), *map(str, words)]
        if not self._as:
            return command
        group = str(pwd.getpwnam(self._as).pw_gid)
        return ["setpriv", "--reuid", self._as, "--regid", group, "--clear-groups", *command]


def _other_user() -> str:
    """The user that the server runs as, where we are root; empty where we are not."""
    if os.getuid():
        return ""
    if shutil.which("setpriv") is None:
        pytest.skip("as root the server needs setpriv: apt-get install util-linux")
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
