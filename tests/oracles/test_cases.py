"""A submission is right when its function gives the expected results, and by no other means."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.oracles.cases import Call, CasesOracle, Context, submission, trivial
from taskkit.oracles.example import Example
from taskkit.oracles.judge import judge
from taskkit.oracles.verdict import Verdict
from taskkit.play.bench import Bench
from taskkit.play.stage import Stage
from taskkit.sandbox.namespace import Namespace
from taskkit.spec.answer import CodeAnswer, FileAnswer
from taskkit.spec.environment import Environment

SEQUENCES = ["", "G", "C", "GATTACA", "GGGG", "cg", "GCGC", "AAAA", "GAC", "TGC"]
HEAD = "def gc(s):\n"
RIGHT = HEAD + "    return s.count('G') + s.count('C')\n"
ATTACKS = {
    "an endless loop": HEAD + "    while True: pass\n",
    "an endless loop at import": "while True: pass\n",
    "two gigabytes of output": HEAD + "    for _ in range(2048): print('x' * (1 << 20))\n",
    "two gigabytes of result": HEAD + "    return 'x' * (1 << 31)\n",
    "os._exit in the call": "import os\n" + HEAD + "    os._exit(0)\n",
    "os._exit at import": "import os\nos._exit(0)\n",
    "sys.exit": HEAD + "    raise SystemExit(0)\n",
    "a trace function that sets the result": (
        "import sys\ndef trace(frame, event, arg):\n    frame.f_locals['result'] = 1\n"
        "    return trace\n" + HEAD + "    sys.settrace(trace)\n"
    ),
    "threads left behind": (
        "import threading, time\n"
        + HEAD
        + "    threading.Thread(target=lambda: time.sleep(60)).start()\n    return None\n"
    ),
    "a class that equals everything": (
        "class Any(int):\n    __eq__ = lambda *_: True\n    __hash__ = int.__hash__\n"
        + HEAD
        + "    return Any(77)\n"
    ),
    "an object with a pickle": (
        "class P:\n    def __reduce__(self): return (eval, ('2',))\n" + HEAD + "    return P()\n"
    ),
    "a fork that answers twice": ("import os\n" + HEAD + "    os.fork()\n    return 77\n"),
    "a forged report": (
        "import os, sys\n"
        + HEAD
        + "    for fd in range(3, 64):\n"
        + "        try: os.write(fd, b'value 2\\n' * 50)\n        except OSError: pass\n"
        + "    os._exit(0)\n"
    ),
    "an encoder that is patched": (
        "import json\njson.dumps = lambda *_, **__: '2'\n" + HEAD + "    return 77\n"
    ),
    "the caller's frames": (
        "import sys\n" + HEAD + "    frame = sys._getframe(1)\n    frame.f_locals.clear()\n"
        "    frame.f_globals['MAX_LATE'] = 0\n    return frame.f_locals.get('expected')\n"
    ),
    "a fork bomb": "import os\n" + HEAD + "    while True: os.fork()\n",
    "the parent killed": "import os, signal\n" + HEAD + "    os.kill(os.getppid(), 9)\n",
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if shutil.which("unshare") is None:
        pytest.skip("no namespaces here")

    def nothing(sha256: str) -> Path:
        raise AssertionError("there are no assets")

    cache = tmp_path_factory.mktemp("cache")
    with Stage(Namespace(), nothing, lambda _: "", cache) as stage:
        yield Bench(Environment(image="base"), nothing, stage)


def asked(**more: object) -> Example:
    calls = [
        Call(arguments=json.dumps([one]), expected=str(one.count("G") + one.count("C")))
        for one in SEQUENCES
    ]
    usual = {"call_s": 0.5, "calls": tuple(calls[2:]), "visible": tuple(calls[:2])}
    oracle = CasesOracle.model_validate({"kind": "cases", "function": "gc", **usual, **more})
    return Example(CodeAnswer(kind="code", function="gc"), oracle)


def judged(bench: Bench, source: str, example: Example | None = None) -> Verdict:
    example = example or asked()
    return judge(example, bench.evidence(submission(example, source)))


def test_the_right_function_earns_the_reward(bench: Bench) -> None:
    assert judged(bench, RIGHT).reward == 1.0


def test_partial_credit_is_reported_and_earns_nothing(bench: Bench) -> None:
    verdict = judged(bench, HEAD + "    return s.count('G')\n")
    assert (verdict.reward, verdict.share) == (0.0, 0.5)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_earns_nothing(bench: Bench, attack: str) -> None:
    assert judged(bench, ATTACKS[attack]).reward == 0.0


def test_the_right_function_still_passes_after_every_attack(bench: Bench) -> None:
    assert judged(bench, RIGHT).reward == 1.0


def test_no_trivial_body_earns_anything(bench: Bench) -> None:
    example = asked()
    guesses = [source for _, source in trivial(example.oracle)]  # type: ignore[arg-type]
    assert [one for one in guesses if judged(bench, one, example).reward] == []


def test_what_a_call_leaves_behind_harms_no_other(bench: Bench) -> None:
    source = (
        "import builtins\n"
        + HEAD
        + "    made = len([one for one in s if one in 'GC'])\n"
        + "    builtins.len = lambda _: 77\n    return made\n"
    )
    assert judged(bench, source).reward == 1.0


def test_a_global_of_one_call_is_not_there_in_the_next(bench: Bench) -> None:
    source = "seen = []\n" + HEAD + "    seen.append(s)\n    return sum(map(seen[0].count, 'GC'))\n"
    assert judged(bench, source).reward == 1.0


def test_no_expected_value_is_in_the_process(bench: Bench) -> None:
    rare = "7310293"
    call = Call(arguments='["A"]', expected=rare)
    example = asked(calls=(call,), visible=())
    source = (
        "import gc as g, re, sys\n"
        + HEAD
        + "    held = [repr(one) for one in [*g.get_objects(), sys._getframe(1).f_globals]]\n"
        + "    found = {one for text in held for one in re.findall('[0-9]{7}', text)}\n"
        + "    return next((int(one) for one in found if sum(map(int, one)) == 25), 0)\n"
    )
    assert f"{sum(map(int, rare))} {len(rare)}" == "25 7"
    assert judged(bench, source, example).reward == 0.0


def test_an_exception_is_right_where_it_is_asked_for(bench: Bench) -> None:
    call = Call(arguments='["X"]', raises="ValueError")
    example = asked(calls=(call,), visible=())
    assert judged(bench, HEAD + "    raise UnicodeError\n", example).reward == 1.0
    assert judged(bench, HEAD + "    raise KeyError\n", example).reward == 0.0
    assert judged(bench, HEAD + "    return 'ValueError'\n", example).reward == 0.0


def test_a_file_is_source_as_well(bench: Bench) -> None:
    example = Example(FileAnswer(kind="file", path="gc.py"), asked().oracle)
    assert judge(example, bench.evidence(RIGHT.encode())).reward == 1.0
    assert judge(example, bench.evidence(b"\xff")).code == "malformed"


def test_a_program_is_judged_by_what_it_prints_in_its_context(bench: Bench) -> None:
    context = Context(
        program="class Reader:\n    <<insert solution here>>\n\nprint(Reader().read(2))\n",
        stdout="4\n",
    )
    oracle = CasesOracle(kind="cases", contexts=(context,))
    example = Example(CodeAnswer(kind="code"), oracle)
    assert judged(bench, "def read(self, n):\n    return n * n", example).reward == 1.0
    assert judged(bench, "def read(self, n):\n    return n", example).reward == 0.0
    assert judged(bench, "print(3)\nraise SystemExit(0)", example).reward == 0.0
