"""Hostile programs that take more than they may, or outlive their end."""

from __future__ import annotations

from taskkit.sandbox.attacks import EVERY_END, Attack

SHARED = """
import mmap
kept = []
def take(size):
    kept.append(mmap.mmap(-1, size))
    for at in range(0, size, 4096):
        kept[-1][at] = 1
    kept[-1].madvise(mmap.MADV_DONTNEED)
    if size * len(kept) > 1 << 30:
        print("BREACH", size * len(kept) >> 20, "MiB", flush=True)
        raise SystemExit
"""
"""Takes memory that counts towards no process, as its pages are dropped at once."""

HIDDEN = """
import ctypes, os, time
def take():
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    for name in ("smaps_rollup", "status", "maps"):
        try:
            os.chmod(f"/proc/self/{name}", 0)
        except OSError:
            pass
    hoard = b"x" * (100 << 20)
    time.sleep(60)
    os._exit(0)
"""

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
        "takes all memory, shared and dropped",
        "python",
        SHARED
        + """
while True:
    take(1 << 24)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes memory behind output that trickles",
        "python",
        SHARED
        + """
import os, time
for _ in range(3):
    if os.fork() == 0:
        while True:
            os.write(1, b".")
            time.sleep(0.003)
while True:
    take(1 << 22)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes CPU time behind output that trickles",
        "python",
        """
import os, time
for _ in range(3):
    if os.fork() == 0:
        while True:
            os.write(1, b".")
            time.sleep(0.003)
for _ in range(3):
    if os.fork() == 0:
        while True:
            pass
time.sleep(60)
""",
        ends=("timeout",),
    ),
    Attack(
        "takes memory for page tables",
        "python",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
kept, size = 0, 1 << 36
while True:
    at = libc.mmap(None, ctypes.c_size_t(size), 1, 0x4022, -1, 0)
    if at in (None, 2**64 - 1):
        break
    for page in range(at, at + size, 1 << 21):
        ctypes.c_char.from_address(page).value
        kept += 4096
    if kept > 600 << 20:
        print("BREACH", kept >> 20, flush=True)
        break
""",
        ends=("out_of_memory", "killed", "ok"),
    ),
    Attack(
        "takes memory for what waits in sockets",
        "python",
        """
import os, socket, time
def fill():
    kept = []
    try:
        while True:
            kept += socket.socketpair()
            for end in kept[-2:]:
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
                try:
                    while True:
                        end.send(b"x" * 65536)
                except BlockingIOError:
                    pass
    except OSError:
        time.sleep(9)
for _ in range(8):
    if os.fork() == 0:
        fill()
        os._exit(0)
time.sleep(9)
print("BREACH")
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes memory where its account cannot be read",
        "python",
        HIDDEN
        + """
hoard = []
while True:
    hoard.append(os.fork() or take())
    time.sleep(0.1)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "steals from the stream of its answer",
        "python",
        """
import os
for number in range(3, 16):
    try:
        fd = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        continue
    print("BREACH", number, os.readlink(f"/proc/self/fd/{fd}"))
answer = 1
""",
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
    Attack(
        "nests folders without end",
        "python",
        """
import os
depth = 0
try:
    while depth < 100_000:
        os.mkdir("d")
        os.chdir("d")
        depth += 1
except OSError:
    pass
print("BREACH" if depth >= 100_000 else "held", depth)
""",
        ends=("ok", "timeout"),
    ),
    Attack(
        "opens files without end",
        "python",
        """
import os, socket
count = 0
try:
    while count < 100_000:
        kept = os.open("/data", os.O_RDONLY), *os.pipe(), socket.socketpair()[0].detach()
        count += 4
except OSError:
    pass
print("BREACH" if count > 4096 else "held", count)
""",
    ),
    Attack(
        "raises its own limits",
        "python",
        """
import os, resource
for name in ("AS", "CPU", "DATA", "FSIZE", "MEMLOCK", "NOFILE", "NPROC"):
    kind = getattr(resource, "RLIMIT_" + name)
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        try:
            resource.setrlimit(kind, (most + 1, most + 1))
        except (OSError, ValueError):
            continue
        print("BREACH", name)
for name, value in (("oom_score_adj", b"-1000"), ("oom_adj", b"-17")):
    try:
        open("/proc/self/" + name, "wb", 0).write(value)
    except OSError:
        continue
    print("BREACH", name)
""",
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
        "outlives its end",
        "python",
        """
import os, signal, time
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in (1, 2, 15, 17):
            signal.signal(number, signal.SIG_IGN)
        for fd in (1, 2):
            os.dup2(os.open("/dev/null", os.O_WRONLY), fd)
        end = time.time() + 60
        while time.time() < end:
            for path in ("/workspace/answer.json", "/tmp/late"):
                open(path, "w").write("666")
            time.sleep(0.001)
        os._exit(0)
""",
        isolated=False,
    ),
    Attack(
        "signals its process group",
        "python",
        "import os\nos.kill(0, 9)",
        ends=("killed",),
        isolated=False,
        document="none",
    ),
    Attack(
        "leaves a thread that never ends",
        "python",
        "import threading as t, time\nt.Thread(target=time.sleep, args=(9,)).start()\nanswer = 1",
        ends=("timeout",),
        isolated=False,
        document="none",
    ),
)
