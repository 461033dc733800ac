"""The viewer's server: one page and its data, on loopback, to whoever knows the address.

All texts of tasks and models are hostile. They leave as JSON alone; the page puts them in place as
text, and a policy forbids it to run or load anything but its own two files. Requests that name
another host are refused, so that no page of the net can reach it under a name of its own.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from taskkit.errors import TaskkitError
from taskkit.view.content import Content
from taskkit.view.index import Wanted

HOST = "127.0.0.1"
STATIC: Mapping[str, tuple[str, str]] = {
    "": ("index.html", "text/html; charset=utf-8"),
    "app.js": ("app.js", "text/javascript; charset=utf-8"),
    "parts.js": ("parts.js", "text/javascript; charset=utf-8"),
    "style.css": ("style.css", "text/css; charset=utf-8"),
}
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Viewer:
    """The server of one taskset."""

    def __init__(self, content: Content, *, port: int = 0, secret: str = "") -> None:
        """Listen; nothing is served before `serve` or `start`.

        Args:
            port: Any free one where 0.
            secret: First part of every path, for data that other users of the machine may not see.

        Raises:
            OSError: the port is taken.
        """
        self.content, self.secret = content, secret
        handler = type("Handler", (_Handler,), {"viewer": self})
        self.server = _Server((HOST, port), handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/{self.secret + '/' if self.secret else ''}"

    def serve(self) -> None:
        """Serve until the process is interrupted."""
        self.server.serve_forever()

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str, asked: Mapping[str, str]) -> Any:
        """Give the JSON value at a path below `api/`; None where there is none."""
        kind, _, rest = path.partition("/")
        if kind == "set" and not rest:
            return self.content.overview()
        if kind == "tasks" and not rest:
            wanted = Wanted(**{name: asked.get(name, "") for name in Wanted.__annotations__})
            return self.content.tasks(
                wanted, _number(asked.get("offset"), 0), _number(asked.get("limit"), 50)
            )
        if kind == "task":
            return self.content.task(unquote(rest))
        if kind == "episode":
            run, _, id = rest.partition("/")
            return self.content.episode(unquote(run), unquote(id))
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a browser that went away; anything else is a bug, and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    viewer: ClassVar[Viewer]
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer with a file of the page, or with data."""
        if self.headers.get("Host") not in self._names():
            self._send(403, "text/plain", b"need the address that `taskkit view` printed\n")
            return
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/")
        if self.viewer.secret:
            first, _, path = path.partition("/")
            if first != self.viewer.secret:
                path = "none"
        if path in STATIC:
            name, kind = STATIC[path]
            self._send(200, kind, (files("taskkit.view") / "static" / name).read_bytes())
        elif path.startswith("api/"):
            self._data(path.removeprefix("api/"), parse_qs(parts.query))
        else:
            self._send(404, "text/plain", b"there is no such page\n")

    def _names(self) -> tuple[str, ...]:
        return f"{HOST}:{self.viewer.port}", f"localhost:{self.viewer.port}"

    def _data(self, path: str, query: Mapping[str, list[str]]) -> None:
        asked = {name: values[-1] for name, values in query.items()}
        try:
            value = self.viewer.answer(path, asked)
        except TaskkitError as error:
            self._json(500, {"error": str(error)})
            return
        if value is None:
            self._json(404, {"error": f"there is no {path}"})
        else:
            self._json(200, value)

    def _json(self, status: int, value: Any) -> None:
        body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        self._send(status, "application/json; charset=utf-8", body)

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep silent."""


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
