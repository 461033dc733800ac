"""The tests that every sandbox backend must pass; a new backend inherits `Conformance`.

class TestMine(Conformance):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls): return Mine()
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from taskkit.errors import UsageError
from taskkit.oracles.document import MalformedError, parse
from taskkit.sandbox import attacks, floods, forgeries, kernel_memory
from taskkit.sandbox.attacks import Attack
from taskkit.sandbox.neighbours import Neighbours
from taskkit.sandbox.protocol import Backend, Outcome, Program, Site, Worker
from taskkit.spec.environment import Limits

LIMITS = Limits(wall_s=2, cpu_s=2, memory_mib=256, processes=32, disk_mib=32, output_kib=64)
PATIENT = LIMITS.model_copy(update={"wall_s": 60.0, "cpu_s": 30.0})
"""For what has to end by itself, on a machine that is busy with other things."""
ALL = (
    *attacks.READING, *attacks.WRITING, *attacks.REACHING, *attacks.PASSING, *floods.TAKING,
    *kernel_memory.HOARDING, *forgeries.FORGING,
)  # fmt: skip


UNWAITED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def child():
    while time.process_time() < 0.3:
        pass
    os._exit(0)
while True:
    for _ in range(2):
        os.fork() or child()
    try:
        os.wait()
    except ChildProcessError:
        pass
"""
"""Two at a time, none of which uses much."""


class Conformance(Neighbours):
    """What a sandbox promises, as tests; subclasses give the fixture `backend`."""

    isolated = True
    """Whether the backend claims to isolate; without, only half of the attacks are tried."""

    counted = True
    """Whether programs are in a cgroup; without, some of what the kernel keeps goes uncounted."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Backend:
        """Give the backend under test."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def secret(cls, site: Site) -> Path:
        """Give a file of the host that no program may find; it lies beside an asset."""
        path = site.assets["small.sqlite"].with_name("secret")
        path.write_text(f"TASKKIT-{secrets.token_hex(16)}")
        return path

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, tmp_path_factory: pytest.TempPathFactory) -> Site:
        """Give a site with one database."""
        path = tmp_path_factory.mktemp("assets") / "small.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("create table t (a integer, b text)")
        connection.executemany("insert into t values (?, ?)", [(1, "one"), (2, None), (3, "three")])
        connection.commit()
        connection.close()
        return Site(image="base", assets={"small.sqlite": path})

    @pytest.fixture(scope="class")
    @classmethod
    def worker(cls, backend: Backend, site: Site, secret: Path) -> Iterator[Worker]:
        """Give one worker for all tests: whatever one does, the next finds it well."""
        os.environ["TASKKIT_OF_HOST"] = "of the host"
        with secret.open() as inherited:
            os.set_inheritable(inherited.fileno(), True)
            worker = backend.worker(site)
        yield worker
        worker.close()
        del os.environ["TASKKIT_OF_HOST"]

    def play(
        self, worker: Worker, language: str, code: str, *, limits: Limits = PATIENT
    ) -> Outcome:
        """Run one program in a session of its own."""
        database = "small.sqlite" if language == "sql" else None
        program = Program(language, code, database, collect=True)  # type: ignore[arg-type]
        with worker.session() as session:
            return session.run(program, limits)

    def unharmed(self, worker: Worker) -> None:
        """Check that an instance which does nothing wrong gets what it should."""
        code = "import json, os\nanswer = [len('abc'), os.listdir('.'), json.dumps({})]"
        outcome = self.play(worker, "python", code)
        assert outcome.document == b'[3, [], "{}"]', outcome
        outcome = self.play(worker, "sql", "select count(*) as n from t")
        assert outcome.document == b'{"columns": ["n"], "rows": [[3]]}', outcome
        outcome = self.play(worker, "shell", "ls -A . && echo 1 > answer.json")
        assert (outcome.stdout, outcome.document) == ("", b"1\n"), outcome

    @pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
    def test_holds_a_program_that(self, attack: Attack, worker: Worker, secret: Path) -> None:
        """A hostile program gets nothing, ends as it should, and harms no other."""
        if attack.isolated and not self.isolated:
            pytest.skip("a backend without isolation cannot hold it, and the machine could suffer")
        if attack.counted and not self.counted:
            pytest.skip("no cgroup counts what it takes")
        text = secret.read_text()
        code = f"for path in ('kept', '/tmp/kept'): open(path, 'w').write('{text}')"
        self.play(worker, "python", code)
        patience = LIMITS if "timeout" in attack.ends else PATIENT
        outcome = self.play(worker, attack.language, attack.filled(secret), limits=patience)
        assert "BREACH" not in outcome.stdout + outcome.stderr, outcome
        assert outcome.status in attack.ends, outcome
        assert len(outcome.stdout) <= 65536
        assert len(outcome.stderr) <= 65536
        if attack.document == "none":
            assert outcome.document is None, outcome
        if attack.document == "unfit":
            assert outcome.document
            with pytest.raises(MalformedError):
                parse(outcome.document)
        self.unharmed(worker)

    def test_cpu_time_of_children_that_nobody_waits_for_counts(self, worker: Worker) -> None:
        """The kernel drops it with them where their parent ignores their end."""
        limits = LIMITS.model_copy(update={"cpu_s": 1.0, "wall_s": 30.0})
        outcome = self.play(worker, "python", UNWAITED, limits=limits)
        assert outcome.status == "timeout", outcome
        assert outcome.wall_s < 25, outcome

    def test_programs_of_a_session_share_its_files(self, worker: Worker) -> None:
        """Files stay from program to program, and are gone in the next session."""
        with worker.session() as session:
            session.run(Program("shell", "echo 5 > kept; echo 6 > $HOME/more"), LIMITS)
            code = "answer = open('kept').read() + open('more').read()"
            outcome = session.run(Program("python", code, collect=True), LIMITS)
        assert outcome.document == b'"5\\n6\\n"'
        self.unharmed(worker)

    @pytest.mark.parametrize("language", ["python", "shell"])
    def test_a_file_that_a_program_leaves_is_its_answer(
        self, worker: Worker, language: Literal["python", "shell"]
    ) -> None:
        """Whatever its bytes are; a link, a folder and what lies above /workspace are none."""
        made = {
            "python": "import os; os.mkdir('out'); open('out/a.bin', 'wb').write(bytes(range(4)))",
            "shell": "mkdir out; printf '\\0\\1\\2\\3' > out/a.bin",
        }
        hostile = "ln -s out link; ln -s a.bin out/b.bin; ln -s /etc/passwd c.bin; mkfifo d.bin"
        with worker.session() as session:
            program = Program(language, made[language], collect=True, file="out/a.bin")
            assert session.run(program, PATIENT).document == b"\0\1\2\3"
            for name in ("link/a.bin", "out/b.bin", "c.bin", "d.bin", "out", "none/a.bin"):
                program = Program("shell", hostile + " 2>/dev/null; true", collect=True, file=name)
                assert session.run(program, PATIENT).document is None, name
            query = Program("sql", "select 1", "small.sqlite", collect=True, file="out/a.bin")
            assert session.run(query, PATIENT).document == b"\0\1\2\3"
            with pytest.raises(UsageError, match="need a path below /workspace"):
                session.run(Program("shell", "true", file="../x"), PATIENT)

    def test_nothing_survives_its_program(self, worker: Worker) -> None:
        """A process that leaves its parent and its process group is killed all the same."""
        code = (
            "(setsid sh -c 'sleep 0.3; touch late' &) ; setsid nohup sleep 98.7651 & echo started"
        )
        with worker.session() as session:
            first = session.run(Program("shell", code), LIMITS)
            time.sleep(0.5)
            second = session.run(
                Program("shell", "ls; ps -eo args 2>/dev/null | grep '[s]leep 98.7651'"), LIMITS
            )
        assert (first.status, first.stdout) == ("ok", "started\n")
        assert second.stdout == "", second

    def test_instances_side_by_side_see_nothing_of_each_other(
        self, backend: Backend, site: Site, worker: Worker
    ) -> None:
        """Files of a session are not to be found from a session of another worker."""
        if not self.isolated:
            pytest.skip("a backend without isolation cannot keep them apart")
        other = backend.worker(site)
        try:
            with worker.session() as here, other.session() as there:
                here.run(Program("shell", "echo mine > kept; echo mine > /tmp/kept"), PATIENT)
                found = there.run(Program("shell", "ls -A /workspace /tmp"), PATIENT).stdout
                kept = here.run(Program("shell", "cat kept"), PATIENT).stdout
        finally:
            other.close()
        assert (found.split(), kept) == (["/tmp:", "/workspace:"], "mine\n")  # noqa: S108

    def test_a_program_ends_with_its_own_process(self, worker: Worker) -> None:
        """Output pipes that a child holds open do not keep the program waiting."""
        outcome = self.play(worker, "shell", "sleep 100 & echo done", limits=PATIENT)
        assert (outcome.status, outcome.stdout) == ("ok", "done\n")

    @pytest.mark.parametrize(
        ("language", "code", "status", "exit_code"),
        [
            ("shell", "true", "ok", 0),
            ("shell", "exit 7", "error", 7),
            ("shell", "kill -9 $$", "killed", -9),
            ("python", "import sys; sys.exit(3)", "error", 3),
            ("python", "import sys; sys.exit('no')", "error", 1),
            ("python", "1/0", "error", 1),
            ("python", "def f(:", "error", 1),
            ("sql", "select nothing from t", "error", 1),
            ("sql", "", "error", 1),
            ("shell", "sleep 60", "timeout", None),
            ("shell", "while :; do :; done", "timeout", None),
            ("shell", "yes", "output_limit", None),
        ],
    )
    def test_outcomes_are_told_apart(
        self, worker: Worker, language: str, code: str, status: str, exit_code: int | None
    ) -> None:
        """How a program ended is never guessed from what it printed."""
        limits = LIMITS if status == "timeout" else PATIENT
        outcome = self.play(worker, language, code, limits=limits)
        assert (outcome.status, outcome.exit_code) == (status, exit_code), outcome

    def test_cpu_time_counts_over_all_processes(self, worker: Worker) -> None:
        """Several processes together use no more CPU time than one may."""
        limits = LIMITS.model_copy(update={"cpu_s": 1.0, "wall_s": 20.0})
        code = "for i in 1 2 3; do (while :; do :; done) & done; wait"
        outcome = self.play(worker, "shell", code, limits=limits)
        assert outcome.status == "timeout", outcome
        assert outcome.cpu_s < 2

    def test_python_values_become_documents(self, worker: Worker) -> None:
        """What the standard library has is written as JSON has it."""
        code = (
            "import datetime as d, decimal\n"
            "answer = {'t': (1, 2), 's': {3, 1, 2}, 'd': d.date(2105, 1, 2), 'n': None,\n"
            "          'm': d.datetime(2105, 1, 2, 3, 4, 5), 'x': decimal.Decimal('1.50'), 7: True}"
        )
        expected = {
            "t": [1, 2],
            "s": [1, 2, 3],
            "d": "2105-01-02",
            "n": None,
            "m": "2105-01-02 03:04:05",
            "x": 1.5,
            "7": True,
        }
        assert json.loads(self.play(worker, "python", code).document or b"") == expected

    def test_tracebacks_show_the_program_alone(self, worker: Worker) -> None:
        """No frame of ours, no path, no address."""
        code = "def f(x):\n    return object() + x\n\nimport json\njson.dumps(0, default=f(1))"
        lines = self.play(worker, "python", code).stderr.splitlines()
        assert [line.strip() for line in lines if "File" in line] == [
            'File "<program>", line 5, in <module>',
            'File "<program>", line 2, in f',
        ]
        raised = self.play(worker, "python", "raise ValueError(object())").stderr
        assert raised.splitlines()[-1] == "ValueError: <object object at 0x...>"

    @pytest.mark.parametrize(
        ("command", "said"),
        [("echo a\0b", "it holds a NUL character"), ("#" * 140_000, "Argument list too long")],
        ids=["NUL", "long"],
    )
    def test_a_command_that_no_shell_takes_is_an_error_of_its_own(
        self, worker: Worker, command: str, said: str
    ) -> None:
        """Nothing of the worker's own code is told."""
        with worker.session() as session:
            outcome = session.run(Program("shell", command), LIMITS)
        told = f"sh: the command cannot be run: {said}\n"
        assert (outcome.status, outcome.exit_code, outcome.stderr) == ("error", 126, told)

    def test_queries_print_their_rows(self, worker: Worker) -> None:
        """Rows come as a table for the eye and as a document for the oracle."""
        outcome = self.play(worker, "sql", "select a, b from t order by a")
        assert outcome.stdout == "a  b\n-  -----\n1  one\n2  NULL\n3  three\n(3 rows)\n"
        assert json.loads(outcome.document or b"")["rows"] == [[1, "one"], [2, None], [3, "three"]]

    def test_runs_are_alike(self, worker: Worker) -> None:
        """Hash order, time zone and locale are the same in every session."""
        code = (
            "import time; answer = [list({'b', 'a', 'c', 'd'}), time.tzname, str(time.gmtime(0))]"
        )
        documents = {self.play(worker, "python", code).document for _ in range(3)}
        assert len(documents) == 1
        assert b'["UTC", "UTC"]' in (documents.pop() or b"")

    def test_an_unknown_database_is_the_callers_mistake(self, worker: Worker) -> None:
        """The sandbox says which assets there are."""
        with worker.session() as session, pytest.raises(UsageError, match=r"need an asset of"):
            session.run(Program("sql", "select 1", "other.sqlite"), LIMITS)

    def test_closing_twice_is_safe(self, backend: Backend, site: Site) -> None:
        """A worker that is closed stays closed without complaint."""
        worker = backend.worker(site)
        worker.close()
        worker.close()
