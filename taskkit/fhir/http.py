"""HTTP/1.1 for one episode: small, and with a limit on everything that a client may do.

Connections are served by one event loop, requests one after another. Nagle's algorithm is off: the
listening socket has to be made with `IPPROTO_TCP` where it is TCP, else asyncio leaves it on.
"""

from __future__ import annotations

import asyncio
import json
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from taskkit.fhir.errors import Issue, Kind, outcome
from taskkit.fhir.exchange import JSON, Request, Response

MOST_CONNECTIONS = 400
MOST_HEAD = 65_536  # bytes of request line and headers
MOST_BODY = 8 * 1024 * 1024  # bytes of a body
MOST_WAITING = 32 * 1024 * 1024  # bytes of unfinished requests, over all connections
PATIENCE_S = 30.0  # for a request to become whole, or a response to be read
IDLE_S = 300.0  # between two requests of one connection
WORDS = {
    200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified",
    400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict",
    410: "Gone", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
    415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
}  # fmt: skip
ISSUES: dict[int, Kind] = {500: "exception", 503: "throttled"}
LINE = re.compile(rb"([A-Z]{1,16}) (\S{1,65000}) HTTP/(1)\.([01])")
NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
Handler = Callable[[Request], Response]


class BadRequestError(Exception):
    """A request that is no HTTP, or over a limit; the connection ends with the answer."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text
        super().__init__(text)


@dataclass
class Site:
    """What the connections of a service share."""

    handler: Handler
    date: str
    """The header `Date`: the frozen clock of the episode."""
    report: Callable[[str], None]
    """Takes the traceback of a fault of our own."""
    open: set[Connection] = field(default_factory=set)
    waiting: int = 0
    """Bytes of unfinished requests."""


@dataclass(slots=True)
class Head:
    """The head of a request."""

    method: str
    target: str
    headers: dict[str, str]
    keep: bool
    length: int
    chunked: bool


class Connection(asyncio.Protocol):
    """One connection of a client."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.buffer = bytearray()
        self.head: Head | None = None
        self.clogged = False
        self.ending = False
        self.scheduled = False
        self.heard_all = False
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or refuse it where there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if len(self.site.open) >= MOST_CONNECTIONS:
            self.fail(BadRequestError(503, f"need at most {MOST_CONNECTIONS} connections"))
            return
        self.site.open.add(self)
        transport.set_write_buffer_limits(high=262_144)
        self.wait(IDLE_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.site.open.discard(self)
        self.site.waiting -= len(self.buffer)
        self.buffer.clear()
        self.ending = True
        if self.timer is not None:
            self.timer.cancel()

    def wait(self, seconds: float) -> None:
        """End the connection unless something happens in time."""
        if self.timer is not None:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(seconds, self.late)

    def late(self) -> None:
        """End a connection whose client is too slow."""
        if self.buffer and not self.clogged:
            self.fail(BadRequestError(408, f"request: need all of it within {PATIENCE_S:g} s"))
        self.transport.abort() if self.clogged else self.transport.close()

    def pause_writing(self) -> None:
        """Do nothing more for a client that does not read."""
        self.clogged = True
        self.transport.pause_reading()
        self.wait(PATIENCE_S)

    def resume_writing(self) -> None:
        """Go on once the client has read."""
        self.clogged = False
        if not self.ending:
            self.transport.resume_reading()
            self.wait(IDLE_S)
            self.schedule()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and answer the requests that are whole."""
        if self.ending:
            return
        if not self.buffer:
            self.wait(PATIENCE_S)
        self.buffer += data
        self.site.waiting += len(data)
        if self.site.waiting > MOST_WAITING:
            self.fail(BadRequestError(503, "too much is being sent at once"))
            return
        self.schedule()

    def eof_received(self) -> bool:
        """Answer what the client sent before it said that it sends no more; then end."""
        self.heard_all = True
        self.schedule()
        return True

    def proceed(self) -> None:
        """Answer one request if it is whole; those of other clients come before the next."""
        self.scheduled = False
        try:
            if self.clogged or self.ending:
                return
            if self.step():
                self.schedule()
            elif self.heard_all:
                self.ending = True
                self.transport.close()
        except BadRequestError as error:
            self.fail(error)
        except Exception:  # whatever was sent, it is our fault: said to the host, not to the agent
            self.site.report(traceback.format_exc())
            self.fail(BadRequestError(500, "the server failed"))

    def schedule(self) -> None:
        """Go on when the loop has looked at the other clients."""
        if not self.scheduled:
            self.scheduled = True
            asyncio.get_running_loop().call_soon(self.proceed)

    def step(self) -> bool:
        """Answer one request, if it is whole."""
        if self.head is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0 or end > MOST_HEAD:
                if len(self.buffer) > MOST_HEAD:
                    raise BadRequestError(431, f"head: need at most {MOST_HEAD} bytes")
                return False
            self.head = parse_head(bytes(self.buffer[:end]))
            self.take(end + 4)
            if self.head.headers.get("expect", "").lower() == "100-continue":
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.chunks() if self.head.chunked else self.plain(self.head.length)
        if body is None:
            return False
        head, self.head = self.head, None
        self.respond(head, self.site.handler(Request(head.method, head.target, head.headers, body)))
        return True

    def take(self, size: int) -> bytes:
        """Take bytes off the buffer."""
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        self.site.waiting -= len(data)
        return data

    def plain(self, length: int) -> bytes | None:
        """A body of known length; None where it is not whole."""
        return self.take(length) if len(self.buffer) >= length else None

    def chunks(self) -> bytes | None:
        """A body in chunks; None where it is not whole."""
        parts: list[bytes] = []
        at = total = 0
        while True:
            end = self.buffer.find(b"\r\n", at)
            if end < 0:
                self.check_rest(at, total)
                return None
            size = chunk_size(bytes(self.buffer[at:end]))
            total += size
            if total > MOST_BODY:
                raise BadRequestError(413, f"body: need at most {MOST_BODY} bytes")
            start, at = end + 2, end + 4 + size
            if len(self.buffer) < at:
                return None
            if self.buffer[start + size : at] != b"\r\n":
                raise BadRequestError(400, "chunk: need CR LF at its end")
            if size == 0:
                self.take(at)
                return b"".join(parts)
            parts.append(bytes(self.buffer[start : start + size]))

    def check_rest(self, at: int, total: int) -> None:
        """Check what waits for the rest of a chunked body."""
        if len(self.buffer) - at > 64 + total + MOST_BODY:
            raise BadRequestError(413, f"body: need at most {MOST_BODY} bytes")

    def respond(self, head: Head, response: Response) -> None:
        """Write a response."""
        self.ending = self.ending or not head.keep
        self.transport.write(self.message(response, head=head))
        if self.ending:
            self.transport.close()
        elif not self.clogged:
            self.wait(PATIENCE_S if self.buffer else IDLE_S)

    def message(self, response: Response, *, head: Head | None) -> bytes:
        """The bytes of a response."""
        status = response.status
        lines = [f"HTTP/1.1 {status} {WORDS.get(status, 'Status')}", f"Date: {self.site.date}"]
        if response.body:
            lines.append(f"Content-Type: {JSON};charset=utf-8")
        if status not in (204, 304):
            lines.append(f"Content-Length: {len(response.body)}")
        if head is None or not head.keep:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in response.headers]
        body = b"" if head is not None and head.method == "HEAD" else response.body
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body

    def fail(self, error: BadRequestError) -> None:
        """Answer what is no request, and end the connection."""
        self.ending = True
        document = outcome([Issue(ISSUES.get(error.status, "structure"), error.text)])
        self.transport.write(
            self.message(Response(error.status, json.dumps(document).encode()), head=None)
        )
        self.transport.close()


def chunk_size(line: bytes) -> int:
    """The size of a chunk, from its line."""
    text = line.split(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", text):
        raise BadRequestError(400, f"chunk: size {line[:40]!r}: need a hexadecimal number")
    return int(text, 16)


def parse_head(data: bytes) -> Head:
    """Read request line and headers.

    Raises:
        BadRequestError: they are no HTTP/1.1, or announce a body over the limit.
    """
    first, *lines = data.lstrip(b"\r\n").split(b"\r\n")
    match = LINE.fullmatch(first)
    if match is None:
        raise BadRequestError(400, f"request line {first[:80]!r}: need such as GET /fhir HTTP/1.1")
    headers = dict(header(line) for line in lines)
    if (
        len(headers) != len(lines)
        and sum(
            line.lower().startswith((b"content-length:", b"transfer-encoding:")) for line in lines
        )
        > 1
    ):
        raise BadRequestError(400, "Content-Length: need it once")
    coding = headers.get("transfer-encoding", "").lower()
    if coding not in ("", "chunked") or (coding and "content-length" in headers):
        raise BadRequestError(501 if coding != "chunked" else 400, f"Transfer-Encoding {coding!r}")
    length = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,12}", length):
        raise BadRequestError(400, f"Content-Length {length[:40]!r}: need a number")
    if int(length) > MOST_BODY:
        raise BadRequestError(413, f"body of {length} bytes: need at most {MOST_BODY}")
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection if match[4] == b"1" else "keep-alive" in connection
    target = match[2].decode("latin-1")
    return Head(match[1].decode(), target, headers, keep, int(length), coding == "chunked")


def header(line: bytes) -> tuple[str, str]:
    """Name, in lower case, and value of a header line."""
    name, colon, value = line.partition(b":")
    if not colon or not NAME.fullmatch(name):
        raise BadRequestError(400, f"header {line[:80]!r}: need name: value")
    return name.decode().lower(), value.strip().decode("latin-1")
