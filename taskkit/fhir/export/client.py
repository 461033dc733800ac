"""Reads from a FHIR server that is not ours: one request at a time, patient, with clear errors."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from taskkit.errors import MissingError, SourceError, UsageError

TOKEN = "TASKKIT_FHIR_TOKEN"  # noqa: S105 # the name of a variable
AGAIN = (429, 502, 503, 504)
"""States after which a request is sent again."""
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
LONGEST_WAIT_S = 120.0  # that a server may ask for by `Retry-After`
TIMEOUT_S = 60.0
MOST_BYTES = 64 * 1024 * 1024  # of one answer
JSON = "application/fhir+json"


class Client:
    """A connection to a server, below one address."""

    def __init__(self, base: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Open a connection.

        Args:
            base: Such as `https://fhir.example.org/r4`.
            sleep: Waits so many seconds between two tries.

        Raises:
            MissingError: httpx is not installed.
            UsageError: the address is none.
        """
        try:
            import httpx
        except ImportError as error:
            raise MissingError("a FHIR server: need httpx: pip install 'taskkit[fhir]'") from error
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise UsageError(f"{base!r}: need an address such as https://fhir.example.org/r4")
        if parts.username or parts.password:
            raise UsageError(f"a FHIR server's address with a password: need {TOKEN} instead")
        self.base = base.rstrip("/")
        self.sleep = sleep
        headers = {"Accept": JSON}
        if token := os.environ.get(TOKEN):
            headers["Authorization"] = f"Bearer {token}"
        self.http = httpx.Client(headers=headers, timeout=TIMEOUT_S)
        self.trouble = httpx.HTTPError
        self.reached = False
        """It has answered; before that, no answer is not waited for."""

    def close(self) -> None:
        """End the connection."""
        self.http.close()

    def get(self, url: str) -> dict[str, Any]:
        """The JSON object at an address below the server's.

        Raises:
            SourceError: the server refuses, does not answer, or is none.
        """
        status, document = self.send("GET", url)
        if status != 200 or document is None:
            raise SourceError(f"{url}: {self.said(status, document)}")
        return document

    def send(
        self, method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any] | None]:
        """Status and JSON object of an answer, tried again where the server asks for it.

        Raises:
            SourceError: the server does not answer, or an address is not below its own.
        """
        self.inside(url)
        data = None if body is None else json.dumps(body).encode()
        more = {**(headers or {}), **({"Content-Type": JSON} if data is not None else {})}
        for number in range(len(WAITS_S) + 1):
            last = number == len(WAITS_S)
            try:
                with self.http.stream(method, url, content=data, headers=more) as response:
                    status, found = response.status_code, bytearray()
                    for part in response.iter_bytes():
                        found += part
                        if len(found) > MOST_BYTES:
                            raise SourceError(f"{url}: answer: need at most {MOST_BYTES:,} bytes")
            except self.trouble as error:
                if last or not self.reached:
                    said = str(error) or type(error).__name__
                    raise SourceError(f"{url}: no answer: {said}") from error
                self.sleep(WAITS_S[number])
                continue
            self.reached = True
            if status not in AGAIN or last:
                return status, parsed(bytes(found))
            self.sleep(wait(response.headers, WAITS_S[number]))
        raise AssertionError

    def inside(self, url: str) -> None:
        """Check that an address is the server's own: nothing is sent elsewhere.

        Raises:
            SourceError: it is not.
        """
        ours, theirs = urlsplit(self.base), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise SourceError(
                f"{self.base}: a link leads to another server: {url!r}: need one below "
                f"{ours.scheme}://{ours.netloc}, such as by the address that the server itself uses"
            )

    def said(self, status: int, document: dict[str, Any] | None) -> str:
        """What an answer that is no success says."""
        if status in (401, 403):
            set_ = "was not accepted" if os.environ.get(TOKEN) else "is not set"
            return f"HTTP {status}: need authorization: {TOKEN}, a bearer token, {set_}"
        if document is None:
            return f"HTTP {status}, no JSON: need the base address of a FHIR R4 server"
        issues = document.get("issue")
        if document.get("resourceType") == "OperationOutcome" and isinstance(issues, list):
            texts = [
                str(one.get("diagnostics") or one.get("details", {}).get("text") or one.get("code"))
                for one in issues
                if isinstance(one, dict)
            ]
            return f"HTTP {status}: {'; '.join(texts)[:400]}"
        return f"HTTP {status}: {document.get('resourceType')!r}: need a FHIR R4 resource"

    def capabilities(self) -> dict[str, Any]:
        """The server's CapabilityStatement.

        Raises:
            SourceError: it has none, or is of another release than R4.
        """
        url = f"{self.base}/metadata"
        document = self.get(url)
        if document.get("resourceType") != "CapabilityStatement":
            kind = document.get("resourceType")
            raise SourceError(f"{url}: {kind!r}: need a FHIR server's CapabilityStatement")
        version = str(document.get("fhirVersion"))
        if not version.startswith("4."):
            raise SourceError(f"{url}: FHIR {version}: need R4 (4.0)")
        return document


def parsed(data: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it is none."""
    with suppress(ValueError, RecursionError):
        document = json.loads(data)
        if isinstance(document, dict):
            return document
    return None


def wait(headers: Mapping[str, str], usual: float) -> float:
    """Seconds until the next try: those that the server names, within a bound."""
    asked = headers.get("retry-after", "")
    if asked.isdigit():
        return min(float(asked), LONGEST_WAIT_S)
    with suppress(ValueError, TypeError):
        seconds = parsedate_to_datetime(asked).timestamp() - time.time()
        return min(max(seconds, 0.0), LONGEST_WAIT_S)
    return usual
