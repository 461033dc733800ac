"""Hostile programs that take more than they may, outlive their end, or forge their answer."""

from __future__ import annotations

from taskkit.sandbox.attacks import EVERY_END, Attack

TAKING = (
    Attack(
        "forks without end",
        "shell",
        "bomb() { bomb | bomb & }; bomb; sleep 1; bomb",
        ends=EVERY_END,
    ),
    Attack(
        "forks more than it may",
        "python",
        """
import os, time
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except BlockingIOError:
    pass
print("BREACH" if count > 100 else "held", count)
""",
    ),
    Attack(
        "starts more threads than it may",
        "python",
        """
import os, threading, time
count = 0
try:
    while count < 500:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
print("BREACH" if count > 100 else "held", count, flush=True)
os._exit(0)
""",
    ),
    Attack(
        "takes all memory",
        "python",
        "hoard = []\nwhile True:\n    hoard.append(b'x' * (1 << 24))",
        ends=("out_of_memory",),
        isolated=False,
    ),
    Attack(
        "takes all memory, shared",
        "python",
        """
import mmap
hoard = []
while True:
    hoard.append(mmap.mmap(-1, 1 << 26))
    for at in range(0, 1 << 26, 4096):
        hoard[-1][at] = 1
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes all memory in many processes",
        "python",
        """
import os, time
for _ in range(16):
    if os.fork() == 0:
        hoard = b"x" * (100 << 20)
        time.sleep(60)
time.sleep(60)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "sorts a product of everything by SQL",
        "sql",
        "with recursive n(x) as (select 1 union all select x + 1 from n) "
        "select count(*) from n a join n b on a.x < b.x order by 1",
        ends=("timeout", "out_of_memory", "error"),  # SQLite may fill the disk first
        isolated=False,
    ),
    Attack(
        "fills the disk",
        "shell",
        "for d in /workspace /tmp /dev/shm; do head -c 500M /dev/zero > $d/full; done 2>/dev/null; "
        "test $(du -sm /workspace /tmp | awk '{n += $1} END {print n}') -gt 70 && echo BREACH; "
        "true",
    ),
    Attack(
        "makes files without end",
        "python",
        """
count = 0
try:
    while count < 200_000:
        open(f"/tmp/{count}", "x").close()
        count += 1
except OSError:
    pass
print("BREACH" if count >= 100_000 else "held", count)
""",
        ends=("ok", "timeout"),
    ),
    Attack("prints without end", "shell", "yes", ends=("output_limit",), isolated=False),
    Attack("prints errors without end", "shell", "yes >&2", ends=("output_limit",), isolated=False),
    Attack(
        "prints a gigabyte at once",
        "python",
        "import os\nchunk = b'x' * (1 << 20)\nfor _ in range(1024):\n    os.write(1, chunk)",
        ends=("output_limit",),
        isolated=False,
    ),
    Attack(
        "selects without end",
        "sql",
        "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n",
        ends=("output_limit",),
        isolated=False,
    ),
    Attack(
        "ignores every signal",
        "python",
        """
import signal
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    pass
""",
        ends=("timeout",),
        isolated=False,
    ),
    Attack("sleeps", "shell", "sleep 1000", ends=("timeout",), isolated=False),
    Attack("stops itself", "shell", "kill -STOP $$", ends=("timeout",), isolated=False),
    Attack(
        "leaves a thread that never ends",
        "python",
        "import threading as t, time\nt.Thread(target=time.sleep, args=(9,)).start()\nanswer = 1",
        ends=("timeout",),
        isolated=False,
        document="none",
    ),
)

FORGING = (
    Attack(
        "writes to every descriptor",
        "python",
        """
import os
for fd in range(3, 1024):
    for text in (b'A"forged"', b"R", b"C", b"\\\\0\\\\0\\\\0\\\\2{}"):
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
    Attack(
        "leaves an answer that is no text",
        "shell",
        "printf '\\\\377\\\\376' > answer.json",
        isolated=False,
    ),
)
