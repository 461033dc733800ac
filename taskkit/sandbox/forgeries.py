"""Hostile programs that forge an answer, leave none that is one, or harm the next instance."""

from __future__ import annotations

from taskkit.sandbox.attacks import EVERY_END, Attack

FORGING = (
    Attack(
        "writes to every descriptor",
        "python",
        """
import os
for fd in range(3, 1024):
    for text in (b'A"forged"', b"R", b"C", b"\\0\\0\\0\\2{}"):
        try:
            os.write(fd, text)
        except OSError:
            pass
""",
        ends=EVERY_END,
        isolated=False,
    ),
    Attack(
        "patches what the next instance would use",
        "python",
        """
import builtins, json, sys, os
builtins.len = builtins.print = builtins.sorted = lambda *a, **k: 7
json.dumps = lambda *a, **k: '"forged"'
os.write, os._exit = (lambda *a: 0), (lambda *a: None)
for name in list(sys.modules):
    sys.modules[name] = None
""",
        ends=EVERY_END,
        isolated=False,
    ),
    Attack(
        "exits before its end",
        "python",
        "answer = 1\nimport os\nos._exit(0)",
        isolated=False,
        document="none",
    ),
    Attack(
        "exits by sys.exit",
        "python",
        "answer = 1\nimport sys\nsys.exit(0)",
        isolated=False,
        document="none",
    ),
    Attack(
        "fails in an exit handler",
        "python",
        "import atexit, os\natexit.register(os._exit, 3)\nanswer = 1",
        ends=("error",),
        isolated=False,
        document="none",
    ),
    Attack(
        "leaves by SystemExit in an exit handler",
        "python",
        "import atexit, sys\natexit.register(sys.exit, 0)\nprint('held')",
        isolated=False,
    ),
    Attack(
        "crashes",
        "python",
        "answer = 1\nimport ctypes\nctypes.string_at(0)",
        ends=("killed",),
        isolated=False,
        document="none",
    ),
    Attack(
        "kills itself",
        "python",
        "answer = 1\nimport os\nos.kill(os.getpid(), 9)",
        ends=("killed",),
        isolated=False,
        document="none",
    ),
    Attack(
        "answers not a number",
        "python",
        "answer = [1.0, float('nan')]",
        ends=("error",),
        isolated=False,
        document="none",
    ),
    Attack(
        "answers with a nest",
        "python",
        "answer = []\nfor _ in range(100000):\n    answer = [answer]",
        ends=("error",),
        isolated=False,
        document="none",
    ),
    Attack(
        "answers with a loop",
        "python",
        "answer = {}\nanswer['again'] = answer",
        ends=("error",),
        isolated=False,
        document="none",
    ),
    Attack(
        "answers too much",
        "python",
        "answer = 'x' * (1 << 21)",
        ends=("output_limit",),
        isolated=False,
        document="none",
    ),
    Attack(
        "answers with a class that lies",
        "python",
        "class Lie(str):\n    def __str__(self):\n        while True: pass\nanswer = Lie('x')",
        ends=("timeout", "error", "ok"),
        isolated=False,
    ),
    *(
        Attack(f"leaves {what} for an answer", "shell", code, isolated=False, document="none")
        for what, code in (
            ("a pipe", "mkfifo answer.json"),
            ("a device", "ln -s /dev/zero answer.json"),
            ("a folder", "mkdir answer.json"),
            ("a link to a file of the sandbox", "ln -s /etc/passwd answer.json"),
            ("a link to itself", "ln -s answer.json answer.json"),
        )
    ),
    Attack(
        "leaves a huge answer",
        "shell",
        "truncate -s 1G answer.json || head -c 2M /dev/zero > answer.json",
        ends=("output_limit",),
        isolated=False,
        document="none",
    ),
    *(
        Attack(f"leaves {what} for an answer", "shell", code, isolated=False, document="unfit")
        for what, code in (
            ("bytes that are no text", "printf '[\"\\377\\376\"]' > answer.json"),
            ("a NaN", "echo '[1.0, NaN]' > answer.json"),
            ("a number out of range", "echo 1e999 > answer.json"),
            ("a key twice", """echo '{"a": 1, "a": 2}' > answer.json"""),
            ("two values", "echo '1 2' > answer.json"),
            ("a nest", "head -c 60000 /dev/zero | tr '\\0' '[' > answer.json"),
        )
    ),
    Attack(
        "prints frames of the protocol",
        "python",
        """
import os, struct
for kind in (0, 254, 255):
    frame = struct.pack("=BBBi3d3I", kind, 1, 1, 0, 0.1, 0.1, 1.0, 0, 0, 8) + b'"forged"'
    os.write(1, frame)
    os.write(2, frame)
""",
        isolated=False,
        document="none",
    ),
)
