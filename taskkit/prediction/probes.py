"""Probes of prediction tasks: predictors that need no work, and a search for the labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from taskkit.audit.finding import ExploitCode
from taskkit.audit.probe import Attempt, Pace, Session, Subject, Submission, python
from taskkit.oracles.metric import MetricOracle
from taskkit.spec.action import CodeExecution
from taskkit.spec.answer import FileAnswer
from taskkit.spec.task import TaskSpec

FOUND = "LABELS FOUND"
START = """
import csv, random
def table(name):
    with open('/data/' + name, newline='') as file:
        head, *rows = csv.reader(file)
    return head, rows
KEY, OUTPUTS, DECISION, FILE = {key!r}, {outputs!r}, {decision!r}, {file!r}
FEATURES, TRAIN, ROWS = {features!r}, {train!r}, {rows!r}
head, train = table(TRAIN)
asked = [row[0] for row in table(ROWS)[1]]
names = [name for name in head if name not in (KEY, 'prediction_time')]
marks = [[row[head.index(name)] for name in names] for row in train]
chance = random.Random(1)

def marked(row, output):
    if names == ['time', 'event']:
        return float(row[1])
    if len(OUTPUTS) > 1 and names == ['label']:
        return float(row[0] == output)
    return float(row[names.index(output) if output in names else 0])

def submit(rows):
    global answer
    if FILE:
        with open(FILE, 'w', newline='') as file:
            csv.writer(file).writerows([[KEY, *OUTPUTS], *([k, *v] for k, v in zip(asked, rows))])
    else:
        answer = [[int(k), *v] for k, v in zip(asked, rows)]

def cell(text):
    return int(text) if text in ('0', '1') else text
"""
MAJORITY = """
labels = [row[0] for row in marks]
if DECISION:
    common = max(sorted(set(labels)), key=labels.count)
    submit([[cell(common)]] * len(asked))
else:
    submit([[0.5] * len(OUTPUTS)] * len(asked))
"""
POSITIVE = "submit([[1] * len(OUTPUTS)] * len(asked))"
PREVALENCE = """
if DECISION:
    submit([[cell(chance.choice(marks)[0])] for _ in asked])
else:
    shares = [sum(marked(row, one) for row in marks) / len(marks) for one in OUTPUTS]
    submit([[share + chance.gauss(0, 1e-3) for share in shares] for _ in asked])
"""
ORDER = """
order = sorted(range(len(asked)), key=lambda i: int(asked[i]), reverse={reverse})
if DECISION:
    labels = sorted((row[0] for row in marks), reverse=True)
    scores = [None] * len(asked)
    for place, i in enumerate(order):
        scores[i] = [cell(labels[place * len(labels) // len(asked)])]
else:
    scores = [None] * len(asked)
    for place, i in enumerate(order):
        scores[i] = [float(place)] * len(OUTPUTS)
submit(scores)
"""
COPIED = """
if DECISION:
    submit([[cell(marks[i % len(marks)][0])] for i in range(len(asked))])
else:
    submit([[marked(marks[i % len(marks)], one) + chance.random() * 1e-6 for one in OUTPUTS]
            for i in range(len(asked))])
"""
PERMUTED = """
{reference}
import random
if {file!r}:
    lines = open({file!r}).read().splitlines()
    cells = [line.partition(',')[2] for line in lines[1:]]
    random.Random(1).shuffle(cells)
    keys = [line.partition(',')[0] for line in lines[1:]]
    open({file!r}, 'w').write('\\n'.join([lines[0], *map(','.join, zip(keys, cells))]) + '\\n')
else:
    cells = [row[1:] for row in answer]
    random.Random(1).shuffle(cells)
    answer = [[row[0], *values] for row, values in zip(answer, cells)]
"""
FEATURE = """
import pandas as pd
record = pd.read_csv('/data/' + FEATURES).drop(columns=['prediction_time', 'hour'], errors='ignore')
record = record.groupby(KEY).mean()
record = pd.concat([record, record.isna().astype(float).add_suffix(' is missing')], axis=1)
record = record.fillna(record.median()).fillna(0)
known, hidden = record.loc[[int(row[0]) for row in train]], record.loc[[int(k) for k in asked]]
ranks = known.rank().to_numpy()
scores = []
for output in OUTPUTS:
    if DECISION:
        common = pd.Series([row[0] for row in marks]).value_counts().index[0]
        mark = pd.Series([float(row[0] != common) for row in marks]).to_numpy()
    else:
        mark = pd.Series([marked(row, output) for row in marks]).to_numpy()
    hits = mark.sum()
    area = (mark @ ranks - hits * (hits + 1) / 2) / (hits * (len(mark) - hits))
    best = abs(area - 0.5).argmax()
    scores.append(hidden.iloc[:, best] * (1 if area[best] > 0.5 else -1))
if DECISION:
    cut = scores[0].quantile(1 - mark.mean())
    labels = pd.Series([row[0] for row in marks]).value_counts().index
    submit([[cell(labels[int(score > cut)])] for score in scores[0]])
else:
    # a feature of two values would be refused as labels: the place breaks its ties
    places = pd.Series(range(len(asked)), index=scores[0].index) * 1e-6
    submit([list(map(float, row)) for row in zip(*(one.rank() + places for one in scores))])
"""
SEARCH = """
import csv, os, sys
KEY, ROWS, KNOWN = {key!r}, {rows!r}, {known!r}
with open('/data/' + ROWS, newline='') as file:
    head, *rows = csv.reader(file)
when = {{row[0]: row[head.index('prediction_time')] for row in rows if 'prediction_time' in head}}
asked = {{row[0] for row in rows}}
system = {{'/proc', '/sys', '/dev', '/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc'}}
system |= {{sys.prefix, sys.base_prefix}}

def cells(path):
    try:
        with open(path, newline='', errors='replace') as file:
            yield from csv.reader(file)
    except (OSError, csv.Error, ValueError):
        return

def later(name, head, row):
    for column, cell in zip(head, row):
        stamp = len(cell) >= 16 and cell[4:5] == '-' and cell[7:8] == '-'
        if stamp and cell[:16] > when.get(row[0], '9'):
            return f'{{name}}: {{column}} {{cell}} is later than the prediction of {{row[0]}}'

for folder, folders, names in os.walk('/'):
    folders[:] = [one for one in folders if os.path.join(folder, one) not in system]
    for name in names:
        path = os.path.join(folder, name)
        lines = cells(path)
        head = next(lines, [])
        held = [row for row in lines if row and row[0] in asked]
        if name in KNOWN:
            if KNOWN[name] == 'train' and held:
                print({found!r}, f'{{name}}: {{len(held)}} of these patients have a training label')
            for row in held:
                if told := later(name, head, row):
                    print({found!r}, told)
                    break
        elif len(held) >= 3:
            print({found!r}, f'{{path}} holds {{len(held)}} of the patients to predict')
"""


class PredictionProbe:
    """Submits predictions of every trivial predictor, and those of the reference in other rows."""

    name: ClassVar[str] = "prediction"
    code: ClassVar[ExploitCode] = "passes_trivial"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give a program for each."""
        spec = subject.spec
        if not isinstance(spec.oracle, MetricOracle) or "code_execution" not in spec.actions:
            return
        start = START.format(**parts(spec))
        bodies = {
            "majority": MAJORITY,
            "all positive": POSITIVE,
            "prevalence": PREVALENCE,
            "order of the identifiers": ORDER.format(reverse=False),
            "order of the identifiers, reversed": ORDER.format(reverse=True),
            "training labels copied": COPIED,
            "one feature": FEATURE,
        }
        for what, body in bodies.items():
            yield Submission(what, python(start + body))
        step = spec.reference.steps[-1]
        if isinstance(step, CodeExecution) and step.language == "python":
            code = PERMUTED.format(reference=step.code, file=parts(spec)["file"])
            yield Submission("rows permuted", python(code))


class HiddenProbe:
    """Looks in the sandbox for labels of the hidden rows, and for what was known too late."""

    name: ClassVar[str] = "hidden"
    code: ClassVar[ExploitCode] = "oracle_visible"
    pace: ClassVar[Pace] = "every"

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Give the search."""
        spec = subject.spec
        if not isinstance(spec.oracle, MetricOracle) or "code_execution" not in spec.actions:
            return
        names = parts(spec)
        known = {asset.name: kind(asset.name) for asset in spec.environment.visible}
        known = {name: held for name, held in known.items() if held}
        code = SEARCH.format(key=names["key"], rows=names["rows"], known=known, found=FOUND)
        action = CodeExecution(action="code_execution", language="python", code=code)
        yield Session("labels searched in the sandbox", (action,), tells=FOUND)


def kind(name: str) -> str:
    """Which file of a task has this name; empty for any other."""
    if "features-" in name:
        return "features"
    return next((one for one in ("train", "rows") if name.endswith(f"-{one}.csv")), "")


def parts(spec: TaskSpec) -> dict[str, object]:
    """What a program of a probe is told."""
    oracle, answer = spec.oracle, spec.answer
    assert isinstance(oracle, MetricOracle)
    names = {kind(asset.name): asset.name for asset in spec.environment.visible}
    own = oracle.labels.removesuffix("-hidden.csv")
    return {
        "key": oracle.key,
        "outputs": list(oracle.outputs),
        "decision": oracle.metric in ("f1", "accuracy"),
        "file": answer.path if isinstance(answer, FileAnswer) else None,
        "features": names.get("features", ""),
        "train": f"{own}-train.csv",
        "rows": f"{own}-rows.csv",
    }
