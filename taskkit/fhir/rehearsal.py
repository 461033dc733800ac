"""References played while they are made: in this process, on a server without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from taskkit.fhir.api import Api
from taskkit.fhir.exchange import Request
from taskkit.fhir.moment import interval
from taskkit.fhir.mutants import read, traced
from taskkit.fhir.store import Store
from taskkit.oracles.evidence import Change, Evidence
from taskkit.oracles.judge import judge
from taskkit.spec.task import TaskSpec

Params = Mapping[str, str]
KEPT = 4_096  # answers to searches that are kept


@dataclass(frozen=True, slots=True)
class Played:
    """What a program left."""

    evidence: Evidence
    trace: tuple[str, ...]
    """What it printed."""


@dataclass
class Fates:
    """What became of the mutants that read carelessly, by what each is about."""

    idle: list[str]
    """They earn the reward though they read something else: the records do not tell them."""
    equivalent: list[str]
    """They read the very same."""

    @property
    def rank(self) -> tuple[int, int]:
        """The lower, the better the records tell a careless reader."""
        return len(self.idle), len(self.equivalent)


class Rehearsal:
    """Plays our own programs on the records of a store; each finds them as they were written."""

    def __init__(self, store: Path, now: datetime, address: str, *, page: int, most: int) -> None:
        self.path, self.now = store, interval(now.isoformat())[0]
        self.address, self.page, self.most = address, page, most
        self.kept: dict[str, Reply] = {}
        self.api = self.fresh()

    def fresh(self) -> Api:
        """A server that nobody has written to."""
        store = Store(self.path, now=self.now)
        made = Api(store, address=self.address, size=self.page, most=self.most)
        store.connection.set_progress_handler(None, 0)  # a slow machine builds the same tasks
        return made

    def play(self, code: str) -> Played | None:
        """What a program leaves; None where it fails."""
        if self.api.store.writes:
            self.api.store.close()
            self.api = self.fresh()
        trace: list[str] = []
        requests = SimpleNamespace(Session=lambda: Session(self))
        scope: dict[str, Any] = {
            "requests": requests,
            "print": lambda *said: trace.append(" ".join(map(str, said))),
        }
        try:
            exec(code.replace("import requests\n", "", 1), scope)  # noqa: S102 # our own reference
            document = json.dumps(scope["answer"]).encode()
        except Exception:  # a mutant may fail in any way
            return None
        changes = [
            Change(one.op, one.key, one.before, one.after) for one in self.api.store.differences()
        ]
        changes.sort(key=lambda change: change.key)
        return Played(Evidence(document, changes={"fhir": changes}), tuple(trace))

    def fates(self, task: TaskSpec, code: str) -> Fates | None:
        """What becomes of careless readers; None where the reference does not earn the reward."""
        code = traced(code)
        usual = self.play(code)
        if usual is None or judge(task, usual.evidence).reward == 0:
            return None
        found = Fates([], [])
        for mutant in read(code):
            other = self.play(mutant.code)
            if other is not None and judge(task, other.evidence).reward > 0:
                same = other.trace == usual.trace
                (found.equivalent if same else found.idle).append(mutant.about)
        return found

    def ask(self, method: str, url: str, document: object = None) -> Reply:
        """The server's answer; searches are answered from memory until something is written."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        clean = method == "GET" and not self.api.store.writes
        if clean and target in self.kept:
            return self.kept[target]
        headers = {"content-type": "application/fhir+json"}
        body = b"" if document is None else json.dumps(document).encode()
        response = self.api.answer(Request(method, target, headers, body))
        found = Reply(response.status, json.loads(response.body or b"null"))
        if clean and len(self.kept) < KEPT:
            self.kept[target] = found
        return found


class Session:
    """The part of `requests.Session` that references use."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.ask = rehearsal.ask

    def get(self, url: str, params: Params | None = None, timeout: float = 0) -> Reply:
        """GET an address."""
        more = urlencode(params or {})
        return self.ask("GET", f"{url}?{more}" if more else url)

    def post(self, url: str, json: object, timeout: float = 0) -> Reply:
        """POST a document."""
        return self.ask("POST", url, json)

    def put(self, url: str, json: object, timeout: float = 0) -> Reply:
        """PUT a document."""
        return self.ask("PUT", url, json)


@dataclass(frozen=True, slots=True)
class Reply:
    """The part of `requests.Response` that references use."""

    status: int
    document: Any

    def json(self) -> Any:
        """The document, which no reference changes in place."""
        return self.document

    def raise_for_status(self) -> None:
        """Stop where the server refused.

        Raises:
            ValueError: it did.
        """
        if self.status >= 400:
            raise ValueError(f"{self.status}: {self.document}")
