"""Code that others wrote, such as a domain's builder or a judge: where it fails, it is named.

What taskkit ships passes through here unchanged: where that fails, it is a bug of ours.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ValidationError

from taskkit.errors import PluginError, TaskkitError

if TYPE_CHECKING:
    from ctypes import Array, c_char

Plugged = TypeVar("Plugged")
PATIENCE = "TASKKIT_PATIENCE_S"  # environment variable: seconds that a call may take
PATIENCE_S = 120.0  # where it does not say: a judge's programs and a service's start included
AGAIN_S = 1.0  # a call that is late and catches everything is told again and again
MAX_SAID = 500  # characters of an exception that an error quotes
MOST = 10_000  # results of one call that gives several
ERRORS = (Exception, SystemExit)  # what a call may raise; ctrl-c is none of it

_running: Array[c_char] | None = None  # what a worker process tells of the call that it is in


class _LateError(BaseException):
    """A call took too long; no handler for `Exception` keeps it."""


def is_ours(author: object) -> bool:
    """Say whether a class, function, module or instance is one that taskkit ships."""
    return module_of(author).split(".")[0] == "taskkit"


def module_of(author: object) -> str:
    """Give the name of the module that a class, function, module or instance is from."""
    if isinstance(author, ModuleType):
        return author.__name__
    return str(getattr(author, "__module__", None) or type(author).__module__)


def named(author: object) -> str:
    """Give a class, function, module or instance as an entry point names it."""
    if isinstance(author, ModuleType):
        return author.__name__
    name = getattr(author, "__qualname__", None) or type(author).__qualname__
    return f"{module_of(author)}:{name}"


def patience() -> float:
    """Give the seconds that a call may take."""
    try:
        return max(1.0, float(os.environ.get(PATIENCE, PATIENCE_S)))
    except ValueError:
        return PATIENCE_S


def said(error: BaseException) -> str:
    """Give an exception in one line: of a model that refuses its fields, which and why."""
    if isinstance(error, ValidationError):
        parts = [
            f"{'.'.join(map(str, one['loc'])) or error.title}: {one['input']!r:.80}: {one['msg']}"
            for one in error.errors()
        ]
        text = f"{error.title}: {'; '.join(parts)}"
    else:
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
    return " ".join(text.split())[:MAX_SAID]


def where_raised(error: BaseException, home: Path | None) -> str:
    """Give an exception with its line: the last one below `home`, or outside of this module."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if home and Path(one.filename).is_relative_to(home)]
    outside = [one for one in frames if one.filename != __file__]
    for last in reversed(own or outside):
        return f"{Path(last.filename).name}:{last.lineno}: {said(error)}"
    return said(error)


@contextmanager
def third_party(what: str, author: object) -> Iterator[None]:
    """Name what others wrote, where it raises inside or does not come to an end.

    Raises:
        PluginError: in place of any foreign error raised inside.
    """
    if is_ours(author):
        yield
        return
    where = f"{what} ({named(author)})"
    home = _home(author)
    with noted(where):
        try:
            with bounded(where):
                yield
        except ERRORS as error:
            if is_ours(type(error)):  # such as a request that a guide refuses
                raise
            raise PluginError(
                f"{where}: {where_raised(error, home)}: need one that does not raise"
            ) from error


def _home(author: object) -> Path | None:
    """Give the folder of the file that a plug-in is in."""
    code = getattr(author, "__code__", None)
    file = getattr(code, "co_filename", None) or getattr(author, "__file__", None)
    if file is None:
        file = getattr(sys.modules.get(module_of(author)), "__file__", None)
    return Path(file).parent if file else None


@contextmanager
def bounded(what: str, kind: type[TaskkitError] = PluginError) -> Iterator[None]:
    """End what takes longer than `patience`; only in a main thread, since signals go there.

    Raises:
        TaskkitError: of `kind`: it took too long.
    """
    seconds = patience()
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    aside = threading.current_thread() is not threading.main_thread()
    if aside or 0 < left < seconds:  # an outer bound comes first
        yield
        return

    def late(number: int, frame: FrameType | None) -> None:
        raise _LateError

    begun = time.monotonic()
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    except _LateError as error:
        raise kind(
            f"{what}: not done after {seconds:g} s: need one that ends, or a larger {PATIENCE}"
        ) from error
    finally:
        rest = left and max(0.01, left - (time.monotonic() - begun))
        signal.setitimer(signal.ITIMER_REAL, rest)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def noted(what: str) -> Iterator[None]:
    """Tell the process that began this one which call it is in, in case it dies of it."""
    if _running is None:
        yield
        return
    before, _running.value = _running.value, what.encode()[: len(_running) - 1]
    try:
        yield
    finally:
        _running.value = before


def note_in(place: Array[c_char]) -> None:
    """Name the memory, shared with the process that began this one, that `noted` writes to."""
    global _running
    _running = place


def guard(what: str, plugged: Plugged, **gives: type | tuple[type, ...]) -> Plugged:
    """Give a plug-in whose every call is named where it fails; one of ours as it is.

    Args:
        what: Such as `judge`, for messages.
        gives: For a method's name, the type of what it has to give.
    """
    if is_ours(plugged):
        return plugged
    return cast(Plugged, _Guarded(what, plugged, gives))


class _Guarded:
    """A plug-in, each of whose calls is named where it fails."""

    def __init__(
        self, what: str, plugged: object, gives: Mapping[str, type | tuple[type, ...]]
    ) -> None:
        self._what, self._plugged, self._gives = what, plugged, gives

    def __getattr__(self, name: str) -> Any:
        with third_party(self._what, self._plugged):
            found = getattr(self._plugged, name)
        if name.startswith("_") or isinstance(found, type) or not callable(found):
            return found
        return self._call(name, found)

    def _call(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        what, author = f"{self._what}: {name}", self._plugged

        def call(*given: Any, **more: Any) -> Any:
            with third_party(what, author):
                made = method(*given, **more)
            if isinstance(made, Iterator):
                return _all(what, author, made)
            wanted = self._gives.get(name, object)
            if not isinstance(made, wanted):
                raise PluginError(f"{what} ({named(author)}): gave {made!r:.80}: need {_a(wanted)}")
            return made

        return call


def _all(what: str, author: object, made: Iterator[Any]) -> Iterator[Any]:
    """Give what a call gives, one after the other.

    Raises:
        PluginError: it raised, or gave more than can be meant.
    """
    for _ in range(MOST):
        with third_party(what, author):
            try:
                one = next(made)
            except StopIteration:
                return
        yield one
    raise PluginError(f"{what} ({named(author)}): gave more than {MOST:,}: need one that ends")


def _a(wanted: type | tuple[type, ...]) -> str:
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    return " or ".join("None" if one is type(None) else article(one.__name__) for one in kinds)


def article(name: str) -> str:
    """Give a name with `a` or `an` before it."""
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"
