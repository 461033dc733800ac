"""What a worker's Python is started with: a loader, then the guest modules and a configuration."""

from __future__ import annotations

import marshal
from functools import cache
from importlib.resources import files
from importlib.util import MAGIC_NUMBER
from typing import Any

OPTIONS = ("-s", "-S", "-P")
"""No user's packages, no packages yet, nothing of the working directory; not -I, since that
takes no notice of PYTHONHASHSEED. The environment is our own."""

BOOTSTRAP = """
import marshal, os, sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER

def read(size):
    parts = []
    while size:
        part = os.read(0, size)
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in modules:
            return ModuleSpec(name, Finder, is_package=not modules[name])
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        code = modules[module.__name__]
        if code:
            code = marshal.loads(code) if same else compile(code, "<worker>", "exec")
            exec(code, module.__dict__)

magic, texts, codes, config = marshal.loads(read(int.from_bytes(read(4), "big")))
same = magic == MAGIC_NUMBER
modules = codes if same else texts
del magic, texts, codes
sys.meta_path.insert(0, Finder)
from taskkit.sandbox.guest.server import main
config["finder"] = Finder
main(config)
"""
"""Runs guest modules from memory; Python programs find neither them nor what finds them.

What it leaves in memory is copied, page by page, for every session. So it takes what the host has
compiled, where it is the same Python, and nothing that `json` or `enum` would bring along.
"""

PLAIN = 2
"""A version of `marshal` that every Python since 2.5 reads."""

GUEST = "taskkit.sandbox.guest"


@cache
def sources() -> dict[str, str]:
    """Return the guest modules by name; packages are empty."""
    found = {"taskkit": "", "taskkit.sandbox": "", GUEST: ""}
    for item in sorted(files(GUEST).iterdir(), key=lambda item: item.name):
        if item.name.endswith(".py") and item.name != "__init__.py":
            found[f"{GUEST}.{item.name.removesuffix('.py')}"] = item.read_text("utf-8")
    return found


def greeting(config: dict[str, Any]) -> bytes:
    """Return what `BOOTSTRAP` reads first."""
    texts = sources()
    codes = {
        name: marshal.dumps(compile(text, "<worker>", "exec")) if text else b""
        for name, text in texts.items()
    }
    frame = marshal.dumps((MAGIC_NUMBER, texts, codes, config), PLAIN)
    return len(frame).to_bytes(4, "big") + frame
