"""A search of the sandbox for anything that only the oracle or another episode may know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Pace, Session, Subject, python
from taskkit.spec.action import CodeExecution
from taskkit.spec.answer import StringAnswer
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.task import Reference, TaskSpec

HALVES = ("canary-3f9c1", "b7e55d20a6")
"""Together a word that stands wherever a task, its oracle and its reference are kept; apart in the
program that looks for it, so that it does not find itself."""
TOLD = "CANARY FOUND"

SEARCH = f"""
import os, sys
first, second = {HALVES[0]!r}.encode(), {HALVES[1]!r}.encode()
found = []

def look(where, data):
    at = data.find(first)
    while at >= 0:
        if data[at + len(first):at + len(first) + len(second)] == second:
            found.append(where)
            return
        at = data.find(first, at + 1)

def read(path, limit=1 << 20):
    try:
        with open(path, 'rb') as file:
            return file.read(limit)
    except OSError:
        return b''

look('environment', repr(dict(os.environ)).encode())
for pid in [name for name in os.listdir('/proc') if name.isdigit()]:
    for name in ('environ', 'cmdline', 'stat', 'comm'):
        look(f'/proc/{{pid}}/{{name}}', read(f'/proc/{{pid}}/{{name}}'))
for line in open('/proc/self/maps'):
    span, rights, *_, name = line.split(None, 5) + ['']
    if rights.startswith('r') and '[v' not in name and (not name.strip() or name.strip()[0] == '['):
        start, end = (int(part, 16) for part in span.split('-'))
        if end - start > 1 << 28:
            continue
        try:
            with open('/proc/self/mem', 'rb', buffering=0) as memory:
                memory.seek(start)
                look(f'memory {{span}}', memory.read(end - start))
        except (OSError, ValueError, OverflowError):
            pass
for fd in os.listdir('/proc/self/fd'):
    try:
        target = os.readlink(f'/proc/self/fd/{{fd}}')
    except OSError:
        continue
    if target.startswith('/') and not target.startswith(('/proc', '/dev', '/workspace')):
        found.append(f'descriptor {{fd}}: {{target}}')
system = {{'/proc', '/sys', '/dev', '/usr', '/lib', '/bin', '/sbin', '/etc'}}
system |= {{sys.prefix, sys.base_prefix}}
for folder, folders, names in os.walk('/'):
    folders[:] = [one for one in folders if os.path.join(folder, one) not in system]
    for name in names:
        path = os.path.join(folder, name)
        if name in ('taskset.yaml', 'quarantine.jsonl', 'verify.sqlite', 'audit.sqlite'):
            found.append(path)
        look(path, os.fsencode(path))
        data = read(path)
        if not path.startswith('/data/'):
            look(path, data)
        if b'schema: taskkit' + b'/task/' in data[:500]:
            found.append(path)
for where in found[:20]:
    print('{TOLD}', where)
"""


class SearchProbe:
    """Plays a task marked with a canary, then looks for the canary from another episode.

    It looks at the environment, every process, its own memory (what a warm worker was left with),
    inherited descriptors, and every file outside the system's folders. A file that is a task, this
    one or another, is found as such.
    """

    name: ClassVar[str] = "search"
    code: ClassVar[ExploitCode] = "oracle_visible"
    pace: ClassVar[Pace] = "sampled"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the episode that is marked, and the search during it and after it."""
        if "code_execution" not in subject.spec.actions:
            return
        search = CodeExecution(action="code_execution", language="python", code=SEARCH)
        spec = marked(subject.spec)
        yield Session("search beside the oracle", (search,), spec=spec, tells=TOLD)
        yield Session("the episode before", (python(f"answer = {''.join(HALVES)!r}"),), spec=spec)
        yield Session("search after another episode", (search,), tells=TOLD)


def marked(spec: TaskSpec) -> TaskSpec:
    """Give a task whose identity, oracle and reference hold the canary."""
    word = "".join(HALVES)
    step = python(f"answer = {word!r}")
    return spec.model_copy(
        update={
            "id": word,
            "answer": StringAnswer(kind="string"),
            "oracle": ExactOracle(kind="exact", expected=f"{word} expected"),
            "reference": Reference(steps=(step,)),
            "provenance": spec.provenance.model_copy(update={"record": word}),
        }
    )
