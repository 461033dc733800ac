"""The client asks until it is answered, pays once, and keeps the key to itself."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.agents.endpoint.calls import Calls, key_of
from taskkit.agents.endpoint.endpoint import Address, Endpoint, HopelessError
from taskkit.agents.endpoint.pace import Pace, backoff, retry_after
from taskkit.agents.endpoint.prices import Price, pricing, read_prices
from taskkit.agents.protocol import Halt, Usage
from taskkit.errors import EndpointError, UsageError
from taskkit.testing.endpoint import (
    Answer,
    Script,
    ScriptedEndpoint,
    call,
    cut,
    failure,
    late,
    nonsense,
    refusal,
    text,
)

KEY = "sk-very-secret-key"
HELLO = {"messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    made = Calls(tmp_path / "calls.sqlite")
    yield made
    made.close()


def client(server: ScriptedEndpoint, calls: Calls | None = None, **changes: object) -> Endpoint:
    options: dict[str, object] = {"pace": Pace(8), "wait": lambda attempt: 0.0, **changes}
    return Endpoint(Address("scripted", server.url), KEY, calls=calls, **options)  # type: ignore[arg-type]


def first(*answers: Answer) -> Script:
    """Give these answers to the first requests, the last one to all others."""
    return lambda request: answers[min(request.number, len(answers) - 1)]


def test_a_text_with_its_usage() -> None:
    with ScriptedEndpoint(first(text("hi", tokens=(7, 3)))) as server:
        reply = client(server).complete(HELLO, "t 1")
    assert (reply.content, reply.usage) == ("hi", Usage(input_tokens=7, output_tokens=3))
    assert server.requests[0].body["model"] == "scripted"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_function_call() -> None:
    with ScriptedEndpoint(first(call("terminal", command="ls"))) as server:
        reply = client(server).complete(HELLO, "t 1")
    assert [(one.id, one.name, one.arguments) for one in reply.calls] == [
        ("call_1", "terminal", '{"command": "ls"}')
    ]


@pytest.mark.parametrize(
    "trouble",
    [failure(429, retry_after="0"), failure(500), failure(503), nonsense(), nonsense(b'{"a": 1}'),
     nonsense(b'{"choices": []}'), cut(), late(5.0, text("too late"))],
    ids=["429", "500", "503", "html", "no-choices", "empty-choices", "cut", "timeout"],
)  # fmt: skip
def test_trouble_that_passes_is_asked_again(trouble: Answer) -> None:
    with ScriptedEndpoint(first(trouble, text("at last"))) as server:
        reply = client(server, timeout_s=1.0).complete(HELLO, "t 1")
    assert (reply.content, len(server.requests)) == ("at last", 2)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(failure(500, "boom"), "6 attempts: status 500: .*boom"), (nonsense(), "an answer that is"),
     (cut(), "6 attempts: "), (failure(422, "odd"), "status 422: .*odd")],
    ids=["500", "nonsense", "cut", "422"],
)  # fmt: skip
def test_trouble_that_stays_is_the_endpoint_s(trouble: Answer, said: str) -> None:
    with ScriptedEndpoint(first(trouble)) as server, pytest.raises(EndpointError, match=said):
        client(server).complete(HELLO, "t 1")


def test_retry_after_holds_every_call_back() -> None:
    with ScriptedEndpoint(first(failure(429, retry_after="0.4"), text("ok"))) as server:
        endpoint = client(server)
        began = time.monotonic()
        endpoint.complete(HELLO, "t 1")
        assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, None), ({"retry-after": "3"}, 3.0), ({"retry-after-ms": "250"}, 0.25),
     ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0), ({"retry-after": "soon"}, None),
     ({"retry-after": "-1"}, 0.0)],
)  # fmt: skip
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=10.0) == seconds


def test_the_wait_doubles_up_to_a_bound() -> None:
    assert [backoff(n) for n in (1, 2, 3, 10)] == [0.5, 1.0, 2.0, 30.0]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_model_is_hopeless_and_the_key_is_not_shown(status: int) -> None:
    script = first(failure(status, f"no such key: {KEY}"))
    with ScriptedEndpoint(script) as server, pytest.raises(HopelessError) as caught:
        client(server).complete(HELLO, "t 1")
    assert KEY not in str(caught.value)
    assert "no such key: ***" in str(caught.value)
    assert len(server.requests) == 1


def test_a_conversation_that_is_too_long_ends_the_episode() -> None:
    script = first(failure(400, "This model's maximum context length is 8192 tokens"))
    with ScriptedEndpoint(script) as server, pytest.raises(Halt) as caught:
        client(server).complete(HELLO, "t 1")
    assert caught.value.reason == "context"


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with ScriptedEndpoint(first(text("hi"))) as server:
        gone = server.url
    with pytest.raises(EndpointError, match=r"6 attempts: .*[Cc]onnect"):
        Endpoint(Address("m", gone), "none", pace=Pace(1), wait=lambda n: 0.0).complete(HELLO, "t")


def test_an_answered_call_is_not_made_again(calls: Calls) -> None:
    with ScriptedEndpoint(first(text("once"), text("twice"))) as server:
        before = client(server, calls).complete(HELLO, "t 1")
        after = client(server, calls).complete(HELLO, "t 1")
    assert (before.content, before.known) == ("once", False)
    assert (after.content, after.known) == ("once", True)
    assert len(server.requests) == 1


def test_each_attempt_has_a_sample_of_its_own(calls: Calls) -> None:
    with ScriptedEndpoint(first(text("one"), text("two"))) as server:
        endpoint = client(server, calls)
        samples = [endpoint.complete(HELLO, slot).content for slot in ("t 1", "t 2", "t 1")]
    assert samples == ["one", "two", "one"]


def test_a_place_in_memory_makes_no_other_request() -> None:
    def request(where: str) -> dict[str, object]:
        return {"messages": [{"role": "user", "content": f"<Frame at {where}>"}]}

    assert key_of(request("0x7f0012ab34cd"), "t 1") == key_of(request("0x7fffffffffff"), "t 1")
    assert key_of(request("here"), "t 1") != key_of(request("there"), "t 1")


def test_the_key_is_in_no_file(calls: Calls, tmp_path: Path) -> None:
    with ScriptedEndpoint(first(text("hi"))) as server:
        client(server, calls).complete(HELLO, "t 1")
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_file_that_holds_no_calls_is_named(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").write_text("no database, but long enough to look at" * 50)
    with pytest.raises(UsageError, match="no file of calls"):
        Calls(tmp_path / "calls.sqlite")


def test_no_more_calls_at_once_than_allowed() -> None:
    with ScriptedEndpoint(first(text("hi")), latency_s=0.05) as server:
        endpoint = client(server, pace=Pace(3))
        threads = [
            threading.Thread(target=endpoint.complete, args=(HELLO, f"t {n}")) for n in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(server.requests), server.most) == (12, 3)


def test_calls_are_spread_over_the_minute() -> None:
    with ScriptedEndpoint(first(text("hi"))) as server:
        endpoint = client(server, pace=Pace(8, per_minute=600))
        began = time.monotonic()
        for number in range(5):
            endpoint.complete(HELLO, f"t {number}")
        assert time.monotonic() - began >= 0.3


def test_a_stopped_run_begins_no_call() -> None:
    with ScriptedEndpoint(first(text("hi"))) as server:
        endpoint = client(server)
        endpoint.pace.stopped.set()
        with pytest.raises(Halt, match="stopped"):
            endpoint.complete(HELLO, "t 1")
    assert not server.requests


def test_a_refusal_is_told_as_one() -> None:
    with ScriptedEndpoint(first(refusal("I cannot help with patients."))) as server:
        assert client(server).complete(HELLO, "t").refusal == "I cannot help with patients."


def test_half_a_character_of_a_reply_is_replaced() -> None:
    with ScriptedEndpoint(first(text("odd \ud800 sign"))) as server:
        assert client(server).complete(HELLO, "t").content == "odd ? sign"


@pytest.mark.parametrize(
    ("url", "said"),
    [("ftp://x/v1", "need one such as"), ("nonsense", "need one such as"),
     ("http://me:word@127.0.0.1/v1", "put the key into the environment variable OPENAI_API_KEY")],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        Address("m", url)
    assert "me:word" not in str(caught.value)


def test_a_key_is_needed_but_on_this_machine() -> None:
    assert Address("m", "http://127.0.0.1:8000/v1").key({}) == "none"
    assert Address("m", "https://api.example.org/v1").key({"OPENAI_API_KEY": KEY}) == KEY
    with pytest.raises(UsageError, match="set OPENAI_API_KEY"):
        Address("m", "https://api.example.org/v1").key({})


def test_the_user_s_prices_come_first(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("gpt-5-mini: {input: 1, output: 10, cached: 0.1}\n")
    table = read_prices(tmp_path / "prices.yaml")
    priced = pricing("gpt-5-mini", "https://api.openai.com/v1", table)
    assert priced is not None
    usage = Usage(input_tokens=1_000_000, cached_tokens=500_000, output_tokens=100_000)
    assert priced(usage).cost == pytest.approx(0.5 + 0.05 + 1.0)


def test_a_published_price_counts_at_its_provider_alone() -> None:
    pytest.importorskip("genai_prices")
    assert pricing("gpt-4o", "https://api.openai.com/v1", {}) is not None
    assert pricing("gpt-4o", "http://127.0.0.1:8000/v1", {}) is None
    assert pricing("no-such-model", "https://api.openai.com/v1", {}) is None


def test_prices_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("m: {input: cheap}\n")
    with pytest.raises(UsageError, match=r"m\.input: .*dollars per million tokens"):
        read_prices(tmp_path / "prices.yaml")


def test_what_is_cached_costs_as_input_where_nobody_says() -> None:
    usage = Usage(input_tokens=1_000_000, cached_tokens=1_000_000)
    assert Price(input=2.0, output=8.0).of(usage) == 2.0


def test_calls_survive_the_process(calls: Calls, tmp_path: Path) -> None:
    with ScriptedEndpoint(first(text("kept"))) as server:
        client(server, calls).complete(HELLO, "t 1")
    with sqlite3.connect(tmp_path / "calls.sqlite") as other:
        assert other.execute("select count(*) from call").fetchone() == (1,)


def test_the_scripted_server_ends_quietly_while_a_client_keeps_its_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ScriptedEndpoint(lambda _: text("yes")) as server:
        kept = client(server)
        assert kept.complete(HELLO, "a 1").content == "yes"
    assert not [one.getMessage() for one in caplog.records if one.name == "asyncio"]
