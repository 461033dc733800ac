"""A scripted model with known faults over whole tasksets: the tables come out as planted.

    python -m tests.bench.planted /tmp/tasks/mimic /tmp/tasks/npower ... --count 200

Task n of a taskset gets fault n of `FAULTS`, in turn; one that the task cannot have (a value of
another type where nothing is asked for) gives way to the next. Tasks that are told in the same
words cannot be told apart by a model, and all get `loop`. Each taskset is run as tools or as text
in turn (`taskkit run`), and `taskkit compare --failures` has to give the table as it was planted,
to the episode. Then the ablation: in the first third of the tasks the script plays the reference
after a mistake, in the second only once `debugging` has explained it, in the last never; so
`--without debugging` has to cost exactly the second third. The exit code is 1 where a figure
differs. Tasksets come from `taskkit build`; their results folders are overwritten.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from taskkit.oracles.judge import abstaining, expected
from taskkit.play.opening import headed
from taskkit.run.runner import chosen
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.task import TaskSpec, Turn
from taskkit.taskset.folder import Taskset
from taskkit.testing import endpoint as scripted
from taskkit.testing.endpoint import Answer, Request, call, text

Form = Literal["tools", "text"]
FAULTS = (
    "right", "runtime", "compile", "io", "loop", "wrong_type", "wrong_value", "limit", "refusal",
    "endpoint", "no_answer", "malformed",
)  # fmt: skip
PROGRAMS = {
    "runtime": "known = {{}}\nknown['{}']",
    "compile": "if True print({})",
    "io": "open('/data/none-{}.csv')",
    "no_answer": "other = {}",
}
MISTAKE = "prinnt('a mistake')"
HICCUPS = (scripted.failure(429, retry_after="0"), scripted.nonsense(), scripted.cut())
"""What the endpoint gives once before the first reply of a right episode, in turn."""
WRONG: dict[str, Any] = {
    "integer": -987654321, "number": -987654321.5, "string": "none of these",
    "date": "1801-02-03 04:05:06", "code": "def {}(*one, **other):\n    return None\n",
}  # fmt: skip
SECOND = {"minute": "1801-02-03 04:05", "day": "1801-02-03"}


def wrong(answer: AnswerSpec, right: Any) -> Any:
    """Give a value of the type that is asked for, and wrong; None where none is known."""
    if answer.kind == "boolean":
        return None if right is None else not right
    if answer.kind == "code":
        return WRONG["code"].format(answer.function or "main")
    if answer.kind == "date":
        return SECOND.get(answer.precision, WRONG["date"])
    if answer.kind == "object":
        known = right if isinstance(right, dict) else {}
        made = {one.name: wrong(one.type, known.get(one.name, False)) for one in answer.members}
        return None if None in made.values() else made
    if answer.kind == "table":
        if answer.columns is None:
            return [["none of these"]]
        return [[wrong(one.type, False) for one in answer.columns]]
    if answer.kind in ("list", "set", "multiset"):
        return [wrong(answer.item, False)]
    return WRONG.get(answer.kind)


def fits(spec: TaskSpec, fault: str) -> bool:
    """Say whether a task can have a fault."""
    last = spec.dialogue[-1]
    if fault == "wrong_value":
        return wrong(last.answer, value(last)) is not None
    if fault == "wrong_type":
        return last.answer.kind not in ("none", "file") and not abstaining(last)
    return fault != "no_answer" or last.answer.kind != "none"


def value(asked: TaskSpec | Turn) -> Any:
    """Give the value that is expected, where there is one."""
    return None if abstaining(asked) else expected(asked)


def act(form: Form, **action: Any) -> Answer:
    """Answer with an action."""
    if form == "text":
        return text(f"```json\n{json.dumps(action)}\n```")
    return call(action.pop("action"), **action)


def python(form: Form, code: str, *, submit: bool = False) -> Answer:
    """Answer with a program."""
    return act(form, action="code_execution", language="python", code=code, submit=submit)


class Model:
    """The script of one taskset: it knows a task by the words that it is told."""

    def __init__(self, taskset: Taskset, count: int, form: Form) -> None:
        """Plant the faults; `planted` is the table that has to come out."""
        self.form = form
        self.specs = [taskset.read(file) for file in chosen(list(taskset.paths()), count)]
        words = [self._words(spec, taskset.document) for spec in self.specs]
        often = Counter(words)
        self.number = {one: number for number, one in enumerate(words)}
        self.fault = ["loop" if often[one] > 1 else "" for one in words]
        for number, spec in enumerate(self.specs):
            turn = FAULTS[number % len(FAULTS) :] + FAULTS
            self.fault[number] = self.fault[number] or next(f for f in turn if fits(spec, f))
        self.alike = sum(often[one] > 1 for one in words)
        self.planted = Counter(self.fault)
        self.third = [
            2 if often[one] > 1 else 3 * n // len(self.specs) for n, one in enumerate(words)
        ]
        self._begun: Counter[int] = Counter()

    def _words(self, spec: TaskSpec, document: Callable[[str], str]) -> str:
        told = [headed(one.name, document(one.sha256).strip()) for one in spec.context]
        return "\n\n".join([spec.instruction, *told])

    def _task(self, request: Request) -> int:
        return self.number[request.opening.partition("\n\n# Actions\n\nOne JSON")[0]]

    def _solving(self, number: int, turns: slice = slice(None)) -> list[Answer]:
        dialogue = self.specs[number].dialogue[turns]
        steps = [step for turn in dialogue for step in turn.reference.steps]
        return [act(self.form, **step.model_dump(mode="json")) for step in steps]

    def faulty(self, request: Request) -> Answer:
        """Answer with the fault that is planted, in the last question where there are several."""
        number, step = self._task(request), request.step
        fault, spec = self.fault[number], self.specs[number]
        self._begun[number] += 1
        if fault == "endpoint":
            return scripted.failure(400)
        if fault == "right":
            if self._begun[number] == 1:
                return HICCUPS[number // len(FAULTS) % len(HICCUPS)]
            return self._solving(number)[step]
        before = self._solving(number, slice(-1))
        if step < len(before):
            return before[step]
        return self._fault(fault, spec.dialogue[-1], step)

    def _fault(self, fault: str, asked: TaskSpec | Turn, step: int) -> Answer:
        if fault == "loop":
            return python(self.form, "print('again')")
        if fault == "limit":
            return python(self.form, f"print({step})")
        if fault == "refusal":
            plain = text("I'm sorry, but I can't help with patient data.")
            return plain if self.form == "text" else scripted.refusal("not with patient data")
        if fault == "malformed":
            return text(f"Let me think about it for the {step}th time.")
        if fault == "wrong_type":
            code = "answer = {'neither': ['this', {'nor': 'that'}]}  # " + str(step)
        elif fault == "wrong_value":
            code = f"answer = {wrong(asked.answer, value(asked))!r}  # {step}"
        else:
            code = PROGRAMS[fault].format(step)
        return python(self.form, code, submit=True)

    def helped(self, request: Request) -> Answer:
        """Make a mistake, ask for help where there is any, and solve the task or repeat it."""
        number, step = self._task(request), request.step
        offered = '{"action": "debugging"}' in request.opening
        if step == 0:
            return python(self.form, MISTAKE)
        if offered and step == 1:
            return act(self.form, action="debugging")
        if self.third[number] == 0 or (self.third[number] == 1 and offered):
            return self._solving(number)[step - 1 - offered]
        return python(self.form, MISTAKE)


def taskkit(*words: object) -> dict[str, Any]:
    """Run a command, and give what it printed as JSON; 1 says that episodes have no result."""
    command = [sys.executable, "-m", "taskkit", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1 or not done.stdout:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def played(path: Path, script: Callable[[Request], Answer], model: Model, *more: object) -> str:
    """Run a script over a taskset, and give the folder of the run."""
    with scripted.ScriptedEndpoint(script) as server:
        words = ("--model", "planted", "--base-url", server.url, "--protocol", model.form)
        return str(
            taskkit("run", path, *words, "--count", len(model.specs), "--fresh", *more)["folder"]
        )


def found(folder: str) -> Counter[str]:
    """Give the table of a run as the comparison tells it, with those that were right."""
    told = taskkit("compare", folder, "--failures")
    [run], whole = told["runs"], told["groups"][0]
    causes = Counter(run["causes"]) + Counter(run["void"])
    causes["right"] = whole["episodes"] - sum(run["causes"].values())
    return +causes


def ablation(path: Path, model: Model) -> tuple[Mapping[str, Any], bool]:
    """Give the difference that `--without debugging` makes, and whether it is as planted."""
    whole = played(path, model.helped, model, "--name", "helped")
    less = played(path, model.helped, model, "--name", "not-helped", "--without", "debugging")
    [made] = taskkit("compare", whole, less, "--failures")["differences"]
    costs = model.third.count(1)
    exact = abs(made["change"]["value"] + costs / len(model.third)) < 1e-9
    return made, exact and (made["better"], made["worse"]) == (0, costs)


def main() -> int:
    """Print a row for each taskset, as a table of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasksets", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    columns = ("taskset", "as", "tasks", "alike", *FAULTS, "as planted", "without debugging", "s")
    sys.stdout.write(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n")
    good = True
    for place, path in enumerate(given.tasksets):
        began = time.monotonic()
        model = Model(Taskset(path), given.count, "text" if place % 2 else "tools")
        came = found(played(path, model.faulty, model, "--name", "faulty"))
        made, exact = ablation(path, model)
        same = came == model.planted
        points = f"{100 * made['change']['value']:+.1f} points, {'as planted' if exact else 'NOT'}"
        row = (path.name, model.form, len(model.specs), model.alike, *(came[f] for f in FAULTS),
               "yes" if same else f"NO: {dict(model.planted)}, got {dict(came)}", points,
               f"{time.monotonic() - began:.0f}")  # fmt: skip
        sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
        sys.stdout.flush()
        good = good and same and exact
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
