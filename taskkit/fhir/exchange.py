"""A request and its response, whatever carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from taskkit.fhir.errors import RefusedError, refused

JSON = "application/fhir+json"
FORMS = (JSON, "application/json", "text/json", "*/*", "application/*", "text/*", "text/html")
FORMAT_WORDS = ("json", JSON, "application/json", "text/json")
BASE = re.compile(r"\Ahttps?://[^/?]*", re.IGNORECASE)
MOST_TARGET = 16_384  # characters of path and query
MOST_FORM = 262_144  # bytes of a search that is posted
MOST_PAIRS = 200  # parameters of a query


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks."""

    method: str
    target: str
    """Path and query, as they are in the request line."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case."""
    body: bytes = b""
    assigned: str | None = None
    """The id that a create gets, where a transaction chose it."""

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.parts[0])

    @property
    def parts(self) -> tuple[str, str]:
        """Path and query as they stand; a base before them, which proxies are sent, left out."""
        path, _, query = BASE.sub("", self.target.partition("#")[0]).partition("?")
        return path, query

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the query, and of the form that a POST has.

        Raises:
            RefusedError: they cannot be read.
        """
        texts = [self.parts[1]]
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            if len(self.body) > MOST_FORM:
                raise refused(413, "too-long", f"search: need at most {MOST_FORM} bytes")
            texts.append(self.body.decode("utf-8", "replace"))
        try:
            return [
                pair
                for text in texts
                for pair in parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PAIRS)
            ]
        except ValueError as error:
            raise refused(
                400, "too-long", f"query: need at most {MOST_PAIRS} parameters"
            ) from error

    def prefers(self, word: str) -> bool:
        """Whether the header `Prefer` has a word, such as `return=minimal`."""
        given = self.headers.get("prefer", "").replace(" ", "").replace(";", ",")
        return word in given.split(",")


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def answer(status: int, document: Any, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A response with a JSON document."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text.encode(), headers)


def refusal(error: RefusedError) -> Response:
    """The response to a request that is refused."""
    return answer(error.status, error.document())


def acceptable(request: Request) -> None:
    """Check that the client takes JSON, and that its address is not too long.

    Raises:
        RefusedError: it does not.
    """
    if len(request.target) > MOST_TARGET:
        raise refused(414, "too-long", f"address: need at most {MOST_TARGET} characters")
    wanted = dict(request.pairs() if "_format" in request.target else ()).get("_format")
    if wanted is not None and wanted.split(";")[0].replace(" ", "+") not in FORMAT_WORDS:
        raise refused(406, "not-supported", f"_format={wanted!r}: need json")
    accepts = request.headers.get("accept", "*/*")
    if wanted is None and not any(
        part.split(";")[0].strip() in FORMS for part in accepts.split(",")
    ):
        raise refused(406, "not-supported", f"Accept: {accepts!r}: need {JSON}")
