"""What two instances must share to ask the same: keys and signatures made of each alone."""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections.abc import Iterator
from zlib import crc32

from sqlglot import exp

from taskkit.audit.finding import Finding
from taskkit.mutants.sql import UnparsableError, parse
from taskkit.questions.echo import echoed
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.oracle import ValueOracle
from taskkit.spec.task import TaskSpec

SHINGLE = 3  # words
VALUES = re.compile(r"\d[\d.:-]*\d|\d|\"[^\"]+\"")


def digest(text: str) -> str:
    """Give a short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def question(spec: TaskSpec) -> str:
    """Give what is asked, without the form of the answer, lower case, single blanks."""
    asked = [turn.instruction.split("\n\n")[0] for turn in spec.dialogue]
    return " ".join(" ".join(asked).lower().split())


def values(spec: TaskSpec) -> str:
    """Give a digest of the numbers, dates and quoted texts of the question, in any order."""
    return digest(json.dumps(sorted(VALUES.findall(question(spec)))))


def answer(spec: TaskSpec) -> str:
    """Give a digest that equal expected answers share."""
    values: list[object] = []
    for turn in spec.dialogue:
        oracle = turn.oracle
        if not isinstance(oracle, ValueOracle):
            values.append("abstain")
            continue
        try:
            values.append(normal(turn.answer, oracle.expected))
        except MisfitError:
            values.append(oracle.expected)
    return digest(json.dumps(values, sort_keys=True))


def signature(spec: TaskSpec) -> bytes:
    """Give the question's words, three at a time, as sorted numbers of four bytes."""
    words = re.findall(r"\w+", question(spec))
    spans = range(max(1, len(words) - SHINGLE + 1))
    found = {crc32(" ".join(words[at : at + SHINGLE]).encode()) for at in spans}
    return array("I", sorted(found)).tobytes()


def alike(one: bytes, other: bytes) -> float:
    """Give the share of two signatures that they have in common (Jaccard)."""
    first, second = set(array("I", one)), set(array("I", other))
    return len(first & second) / len(first | second)


def meaning(sql: str, environment: str) -> str:
    """Give a digest that queries share which say the same in other words.

    The order of conditions, the sides of an equality, the names of aliases and the case do not
    count.
    """
    try:
        tree = parse(sql)
    except UnparsableError:
        return digest(environment + " ".join(sql.split()))
    aliases: dict[str, str] = {}
    for node in tree.find_all(exp.Alias, exp.TableAlias):
        aliases.setdefault(node.alias_or_name.lower() or node.name.lower(), f"a{len(aliases)}")
    for identifier in tree.find_all(exp.Identifier):
        name = identifier.name.lower()
        identifier.set("this", aliases.get(name, name))
        identifier.set("quoted", False)
    return digest(environment + _canonical(tree))


def _canonical(node: exp.Expr) -> str:
    if isinstance(node, exp.And | exp.Or):
        parts = sorted(_canonical(part) for part in node.flatten())
        return f"({f' {node.key} '.join(parts)})"
    if isinstance(node, exp.EQ):
        return "({} = {})".format(*sorted((_canonical(node.left), _canonical(node.right))))
    if isinstance(node, exp.Paren):
        return _canonical(node.this)
    if isinstance(node, exp.Literal):
        return repr(node.this) if node.is_string else str(node.this)
    parts = []
    for name, child in sorted(node.args.items()):
        items = child if isinstance(child, list) else [child]
        texts = [_canonical(i) if isinstance(i, exp.Expr) else str(i) for i in items if i]
        if texts:
            parts.append(f"{name}:{','.join(texts)}")
    return f"{node.key}({' '.join(parts)})"


def readable(spec: TaskSpec) -> Iterator[Finding]:
    """Find out whether the whole answer can be read in the instruction."""
    oracle = spec.oracle
    if not isinstance(oracle, ValueOracle):
        return
    if echoed(oracle.expected, question(spec)):
        yield Finding("answer_in_prompt", "prompt", f"{oracle.expected!r} is in the instruction")
