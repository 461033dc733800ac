"""Services are found by their kind, loaded once, and ended with their session."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskkit.errors import MissingError, SandboxError
from taskkit.oracles.evidence import Change
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.service import Endpoint, Started, kinds, prepare
from taskkit.sandbox.shelf import Shelves
from taskkit.spec.environment import Limits

needs_namespaces = pytest.mark.skipif(availability() is not None, reason="no namespaces here")
PORT = 18933


def test_a_kind_is_found_by_its_name(tmp_path: Path) -> None:
    assert "shelf" in kinds()
    path = tmp_path / "shelf.json"
    path.write_text('{"a": "1"}')
    parent = prepare("shelf", path, {})
    assert isinstance(parent, Shelves)
    assert parent.texts == {"a": "1"}


def test_an_unknown_kind_is_named_with_the_nearest() -> None:
    with pytest.raises(MissingError, match=r"service 'shelv': .*did you mean 'shelf'\?"):
        prepare("shelv", None, {})


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("[1]", {}, "need an object of texts"),
        ("{", {}, "JSONDecodeError"),
        ("{}", {"size": 1}, r"options \['size'\]: need none"),
    ],
)
def test_a_service_that_cannot_be_loaded_is_named(
    tmp_path: Path, text: str, options: Mapping[str, Any], said: str
) -> None:
    path = tmp_path / "shelf.json"
    path.write_text(text)
    with pytest.raises(SandboxError, match=f"service shelf: it could not be loaded: .*{said}"):
        prepare("shelf", path, options)


def test_changes_are_created_updated_and_deleted_in_order_of_their_keys() -> None:
    shelf = Shelves({"b": "1", "c": "2", "d": "3"}).start(socket.create_server(("127.0.0.1", 0)))
    shelf.texts |= {"a": "new", "c": "other"}
    del shelf.texts["b"]
    assert shelf.changes() == [
        Change("created", "a", None, "new"),
        Change("deleted", "b", "1", None),
        Change("updated", "c", "2", "other"),
    ]
    shelf.close()
    shelf.close()


class Broken(Shelves):
    """A service that does not start."""

    def start(self, listener: socket.socket) -> Any:
        raise RuntimeError("no room")


def test_a_service_that_does_not_start_is_named_and_others_are_ended() -> None:
    whole, broken = Endpoint(Shelves({}), 1), Endpoint(Broken({}), 2)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    started = Started()
    with pytest.raises(SandboxError, match="service b: it did not start: RuntimeError: no room"):
        started.start({"a": whole, "b": broken}, listeners)
    assert len(started) == 0
    assert [one.fileno() for one in listeners] == [-1, -1]


@needs_namespaces
def test_a_session_whose_service_does_not_start_is_an_error_and_the_worker_lives() -> None:
    worker = Namespace().worker(Site("base", services={"b": Endpoint(Broken({}), PORT)}))
    try:
        for _ in range(2):
            with (
                pytest.raises(SandboxError, match="service b: it did not start"),
                worker.session() as session,
            ):
                session.run(Program("shell", "true"), Limits())
    finally:
        worker.close()


@needs_namespaces
def test_two_services_have_a_port_each() -> None:
    services = {
        "first": Endpoint(Shelves({"a": "1"}), PORT),
        "second": Endpoint(Shelves({"a": "2"}), PORT + 1),
    }
    worker = Namespace().worker(Site("base", services=services))
    code = (
        "from urllib.request import urlopen\n"
        f"ports = {PORT}, {PORT + 1}\n"
        "answer = [urlopen(f'http://localhost:{port}/a').read().decode() for port in ports]"
    )
    try:
        with worker.session() as session:
            outcome = session.run(Program("python", code, collect=True), Limits())
            assert session.services["second"].get("/a") == (200, b"2")
    finally:
        worker.close()
    assert outcome.document == b'["1", "2"]', outcome
