"""Service `shelf`: texts by key over HTTP, the smallest service there is.

What sandboxes are tested with, and a pattern for services of a kit. GET / lists the keys; GET, PUT
and DELETE /<key> read, write and remove a text. Its data is a JSON object of texts.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from taskkit.oracles.evidence import Change

MOST = 1 << 20  # bytes of a text


def prepare(data: Path | None, options: Mapping[str, Any]) -> Shelves:
    """Load the texts of a JSON file; there are no options.

    Raises:
        ValueError: it is no object of texts, or options are given.
    """
    if options:
        raise ValueError(f"options {sorted(options)}: need none")
    texts = json.loads(data.read_text("utf-8")) if data else {}
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError(f"{data}: need an object of texts")
    return Shelves(texts)


class Shelves:
    """Texts that each session starts with."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Keep ``texts`` by key."""
        self.texts = dict(texts)

    def start(self, listener: socket.socket) -> Shelf:
        """Serve a copy of the texts."""
        return Shelf(self.texts, listener)

    def close(self) -> None:
        """Forget the texts."""
        self.texts.clear()


class Shelf:
    """The texts of one session, served by a thread."""

    def __init__(self, texts: Mapping[str, str], listener: socket.socket) -> None:
        """Serve ``texts`` on ``listener``."""
        self.before, self.texts = dict(texts), dict(texts)
        self.server = _Server(self, listener)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def changes(self) -> list[Change]:
        """The texts that are new, other or gone, ordered by key."""
        found = []
        for key in sorted({*self.before, *self.texts}):
            before, after = self.before.get(key), self.texts.get(key)
            if before is None:
                found.append(Change("created", key, None, after))
            elif after is None:
                found.append(Change("deleted", key, before, None))
            elif before != after:
                found.append(Change("updated", key, before, after))
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        """The list of keys at `/`, or the text at `/<key>`."""
        if path == "/":
            return 200, json.dumps(sorted(self.texts)).encode()
        text = self.texts.get(path.removeprefix("/"))
        return (404, b"no such text") if text is None else (200, text.encode())

    def close(self) -> None:
        """Stop serving."""
        if self.thread.is_alive():
            with suppress(OSError):
                self.server.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread at once
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, shelf: Shelf, listener: socket.socket) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.shelf = listener, shelf

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over what an agent's connection ends with."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        self._answer(*self.server.shelf.get(self.path))

    def do_PUT(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > MOST:
            self._answer(413, b"need Content-Length, and at most 1 MiB")
            return
        text = self.rfile.read(int(size)).decode("utf-8", "replace")
        self.server.shelf.texts[self.path.removeprefix("/")] = text
        self._answer(200, b"written")

    def do_DELETE(self) -> None:
        gone = self.server.shelf.texts.pop(self.path.removeprefix("/"), None)
        self._answer(*((404, b"no such text") if gone is None else (200, b"removed")))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep silent: what an agent asks is not for the user's screen."""
