"""The kind of service `fhir`, whose server is another one: reads are passed on, nothing else."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

from taskkit.errors import SourceError
from taskkit.fhir.api import BASE
from taskkit.fhir.errors import refused
from taskkit.fhir.exchange import JSON
from taskkit.fhir.export.client import Client
from taskkit.fhir.parameters import types
from taskkit.fhir.remote.loading import Target
from taskkit.fhir.service import FhirParent, FhirRunning
from taskkit.oracles.evidence import Change

Passed = tuple[int, bytes]
TROUBLES: list[str] = []
"""What the other server refused or did not answer, in the order of the requests."""


class Forwarder:
    """Passes reads on to a server, under the address that the agent knows."""

    def __init__(self, target: Target, port: int) -> None:
        self.target = target
        self.client = Client(target.base)
        self.address = f"http://127.0.0.1:{port}{BASE}"

    def get(self, path: str) -> Passed:
        """Status and body of a GET, by its path and query below the server's address."""
        url = self.url(path)
        try:
            status, document = self.client.send("GET", url)
        except SourceError as error:
            TROUBLES.append(f"no answer: {error}")
            return 502, json.dumps(refused(502, "exception", str(error)).document()).encode()
        if status != 200:
            TROUBLES.append(f"{path}: {self.client.said(status, document)}")
        text = json.dumps(document, ensure_ascii=False)
        return status, text.replace(self.target.base, self.address).encode()

    def url(self, path: str) -> str:
        """The address at the server; a search that has to be kept to our resources has the tag."""
        parts = urlsplit(path)
        name, asked = parts.path.removeprefix(BASE).strip("/"), parts.query
        if self.target.mixed and name in types() and "_tag=" not in asked:
            asked += f"{'&' if asked else ''}_tag={quote(self.target.tag, safe='')}"
        return f"{self.target.base}/{name}".rstrip("/") + (f"?{asked}" if asked else "")


class ForwardParent(FhirParent):
    """Starts what passes reads on; every episode has the same server behind it."""

    def __init__(self, target: Target, options: Mapping[str, Any]) -> None:
        self.forwarder = Forwarder(target, int(options.get("port", 8080)))

    def start(self, listener: socket.socket) -> ForwardRunning:
        """Serve an episode on a listening socket."""
        return ForwardRunning(self.forwarder, listener)

    def close(self) -> None:
        """End the connection."""
        self.forwarder.client.close()


class ForwardRunning(FhirRunning):
    """The server of one episode: a thread that passes reads on."""

    def __init__(self, forwarder: Forwarder, listener: socket.socket) -> None:
        self.forwarder = forwarder
        listener.setblocking(True)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.reply(*forwarder.get(self.path))

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", JSON)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.daemon_threads = True
        self.server.socket.close()
        self.server.socket = listener
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def changes(self) -> list[Change]:
        """Nothing: only reads are passed on."""
        return []

    def get(self, path: str) -> Passed:
        """Status and body of a GET."""
        return self.forwarder.get(f"{BASE}/{path.removeprefix(BASE).lstrip('/')}")

    def close(self) -> None:
        """End the thread."""
        self.server.shutdown()
        self.server.server_close()
