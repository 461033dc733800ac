"""Explain a Python traceback by the program's own lines."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from taskkit.play.guide import Guide
from taskkit.spec.environment import Environment

FRAME = re.compile(r'File "([^"]+)", line (\d+)')
ERROR = re.compile(r"((?:\w+\.)*[A-Z]\w*)(?:: (.*))?$")  # no blanks before: the last line of all
PROGRAMS = ("<program>", "<string>", "program.py")  # names under which programs are compiled
MAX_NAMES = 30  # names that are listed
GONE = (
    "Nothing persists between programs but files in /workspace: what an earlier program gave a "
    "value to is gone."
)
NETWORK = ("URLError", "gaierror", "ConnectionError", "ConnectionRefusedError", "ConnectError")
ADVICE = {
    "IndexError": "The list is shorter than that, perhaps empty: print its length first.",
    "RecursionError": "About 1,000 calls may wait for each other: give the function an end, or "
    "use a loop.",
    "ZeroDivisionError": "What is divided by is 0: print it, and look at why nothing was found.",
}
"""What to do, where neither the data nor the program say more."""
MAX_WANTED = 80  # characters of a name that is not there
MEANINGS = {
    "AssertionError": "an assertion of the program did not hold",
    "AttributeError": "the value has no such attribute",
    "FileNotFoundError": "there is no such file",
    "ImportError": "the module has no such name",
    "IndentationError": "the line is not indented as Python needs",
    "IndexError": "a position is beyond the end",
    "KeyError": "there is no such key or column",
    "MemoryError": "the program needed more memory than it may use",
    "ModuleNotFoundError": "the module is not installed",
    "NameError": "the name was never given a value",
    "PermissionError": "the sandbox does not allow it",
    "RecursionError": "a function called itself too often",
    "SyntaxError": "the program is no valid Python",
    "TypeError": "a value has a type that does not fit",
    "UnicodeDecodeError": "the file is not text in this encoding",
    "ValueError": "a value cannot be used like this",
    "ZeroDivisionError": "a division by zero, perhaps since nothing was found",
}
"""What an exception says, in plain words."""


def explain_python(
    error: str, code: str, guides: Sequence[Guide], environment: Environment
) -> str | None:
    """Explain a traceback; None where the text is none.

    Args:
        code: The program that failed; empty where it is not known.
    """
    found = last_error(error)
    if found is None:
        return None
    name, message = found
    short = name.rpartition(".")[2]
    what = MEANINGS.get(short, "the program raised it")
    parts = [f"{short}: {what}{f' ({message})' if message else ''}.", *at_fault(error, code)]
    hint = hinted(short, message, code, guides, environment)
    return "\n".join([*parts, hint] if hint else parts)


def last_error(error: str) -> tuple[str, str] | None:
    """Give name and message of the exception that ended a program."""
    tail = error.rpartition("Traceback (most recent call last):")[2]
    match = next((m for line in tail.splitlines() if (m := ERROR.match(line))), None)
    return None if match is None else (match[1], (match[2] or "")[:500])


def at_fault(error: str, code: str) -> list[str]:
    """Show the program's own line that failed."""
    frames = [int(line) for file, line in FRAME.findall(error) if file in PROGRAMS]
    lines = code.splitlines()
    if not frames or not 1 <= frames[-1] <= len(lines):
        return []
    return [f"line {frames[-1]}: {lines[frames[-1] - 1].strip()[:200]}"]


def hinted(
    name: str, message: str, code: str, guides: Sequence[Guide], environment: Environment
) -> str | None:
    """Give what the schema, the image or the program say about an exception."""
    for guide in guides:
        if (made := guide.hint(name, message, code)) is not None:
            return made
    if name == "OperationalError" and "unable to open database" in message:
        return files(environment)
    if name == "KeyError":
        return missing_key(message.strip("'\""), code, guides)
    if name == "AttributeError" and (match := re.search(r"has no attribute '(\w+)'", message)):
        return near(match[1], known_names(code, guides))
    if name == "NameError" and (match := re.search(r"name '(\w+)'", message)):
        return near(match[1], [*assigned(code), *dir(builtins)]) or GONE
    if name == "ModuleNotFoundError":
        return installed(environment)
    if name == "FileNotFoundError":
        return files(environment)
    if name in NETWORK or "gaierror" in message or "urlopen error" in message:
        return offline(environment)
    if "Read-only file system" in message or name == "PermissionError":
        return "Files can be written below /workspace only: /data is there to be read."
    return ADVICE.get(name)


def offline(environment: Environment) -> str:
    """Say what a program can reach."""
    named = [f"{one.name} at http://127.0.0.1:{one.port}" for one in environment.services]
    if named:
        return f"Nothing can be reached but the services: {', '.join(named)}."
    return f"There is no network: nothing can be fetched. {files(environment)}"


def missing_key(wanted: str, code: str, guides: Sequence[Guide]) -> str | None:
    """Name keys like the one that is not there, or those that there are."""
    known = known_names(code, guides)
    own = known if "/data/" in code else known_names(code, ())
    return near(wanted, known) or listed([name for name in own if name != wanted])


def near(wanted: str, known: list[str]) -> str | None:
    """Name what was perhaps meant."""
    others = [name for name in known if name != wanted]
    hits = process.extract(wanted, others, scorer=fuzz.ratio, limit=3, score_cutoff=60)
    return f"Near {wanted[:MAX_WANTED]!r}: {', '.join(hit[0] for hit in hits)}." if hits else None


def listed(names: list[str]) -> str | None:
    """Name what there is; None where that is nothing, or too much to read."""
    return f"Names there are: {', '.join(names)}." if 0 < len(names) <= MAX_NAMES else None


def known_names(code: str, guides: Sequence[Guide]) -> list[str]:
    """Give the columns of the data and the short texts of the program, which name columns."""
    texts = [node.value for node in walk(code) if isinstance(node, ast.Constant)]
    names = [text for text in texts if isinstance(text, str) and text.isidentifier()]
    names += [name for guide in guides for name in guide.names(code)]
    return list(dict.fromkeys(names))


def assigned(code: str) -> list[str]:
    """Give the names that a program gives values to."""
    names = [
        node.id
        for node in walk(code)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    names += [node.name for node in walk(code) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return list(dict.fromkeys(names))


def walk(code: str) -> list[ast.AST]:
    """Give the nodes of a program; none where it cannot be parsed."""
    try:
        return list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def installed(environment: Environment) -> str:
    """Say what a program of the image can import."""
    from taskkit.spec.image import packages

    names = ", ".join(packages(environment.image))
    return f"Installed beside the standard library: {names or 'nothing'}. Nothing can be added."


def files(environment: Environment) -> str:
    """Say which files there are."""
    names = ", ".join(f"/data/{asset.name}" for asset in environment.visible)
    return f"Data files: {names or 'none'}. A program starts in /workspace."
