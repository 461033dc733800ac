"""What a worker's Python is started with: a loader, then the guest modules and a configuration."""

from __future__ import annotations

import json
import struct
from functools import cache
from importlib.resources import files
from typing import Any

OPTIONS = ("-s", "-S", "-P")
"""No user's packages, no packages yet, nothing of the working directory; not -I, since that
takes no notice of PYTHONHASHSEED. The environment is our own."""

BOOTSTRAP = """
import json, os, struct, sys
from importlib.machinery import ModuleSpec
from types import ModuleType

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
        if name in sources:
            return ModuleSpec(name, Finder, is_package=not sources[name])
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        exec(compile(sources[module.__name__], "<worker>", "exec"), module.__dict__)

sources, config = json.loads(read(struct.unpack("!I", read(4))[0]))
sys.meta_path.insert(0, Finder)
from taskkit.sandbox.guest.server import main
config["finder"] = Finder
main(config)
"""
"""Runs guest modules from memory; Python programs find neither them nor what finds them."""

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
    text = json.dumps([sources(), config]).encode()
    return struct.pack("!I", len(text)) + text
