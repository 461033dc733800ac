"""Hostile programs that take what the kernel keeps for them: it counts towards no process."""

from __future__ import annotations

from taskkit.sandbox.attacks import TRY, Attack

MANY = """
import os, time
told, tell = os.pipe()
def crowd(count, take):
    \"\"\"Have so many children take what they can, and return how much all of them say it is.\"\"\"
    children = 0
    for _ in range(count):
        try:
            pid = os.fork()
        except BlockingIOError:
            break
        if pid == 0:
            os.write(tell, b"%12d" % take())
            time.sleep(60)
            os._exit(0)
        children += 1
    return sum(int(os.read(told, 12)) for _ in range(children))
"""

HOARDING = (
    Attack(
        "takes memory for its mappings",
        "python",
        MANY
        + """
import mmap
def take():
    kept = []
    try:
        while len(kept) < 60_000:
            kept.append(mmap.mmap(-1, 4096, 0x22, 1 if len(kept) % 2 else 3))
    except OSError:
        pass
    globals()["kept"] = kept
    return len(kept)
mib = crowd(28, take) * 200 >> 20
time.sleep(12)  # to look at so many takes the watch a while
print("BREACH" if mib > 280 else "held", mib)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes memory for the files that it waits on",
        "python",
        MANY
        + """
import select
def take():
    global kept
    kept, count = [], 0
    files = [os.eventfd(0) for _ in range(110)]
    try:
        while True:
            kept.append(select.epoll())
            for file in files:
                kept[-1].register(file, select.EPOLLIN)
                count += 1
    except OSError:
        return count
mib = crowd(28, take) * 200 >> 20
print("BREACH" if mib > 128 else "held", mib)
""",
        ends=("ok", "out_of_memory"),
    ),
    Attack(
        "takes memory for what waits in pipes",
        "python",
        MANY
        + """
import fcntl
def take():
    count = 0
    try:
        while True:
            _, end = os.pipe()
            os.set_blocking(end, False)
            try:
                fcntl.fcntl(end, 1031, 1 << 20)
            except OSError:
                pass
            try:
                while True:
                    count += os.write(end, bytes(4096))
            except BlockingIOError:
                pass
    except OSError:
        return count
mib = crowd(28, take) >> 20
print("BREACH" if mib > 192 else "held", mib)
""",
        ends=("ok", "out_of_memory"),
    ),
    Attack(
        "takes memory as a stack",
        "python",
        """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
for count in range(1, 33):
    at = libc.mmap(None, ctypes.c_size_t(1 << 25), 3, 0x122, -1, 0)
    ctypes.memset(at, 1, 1 << 25)
print("BREACH", count << 5)
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "takes memory and lets go of all but its beginning",
        "python",
        """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
size = 1 << 22
for count in range(1, 400):
    at = libc.mmap(None, ctypes.c_size_t(size), 3, 0x21, -1, 0)
    ctypes.memset(at, 1, size)
    libc.munmap(ctypes.c_void_p(at + 4096), ctypes.c_size_t(size - 4096))
print("BREACH", count * size >> 20)
""",
        ends=("out_of_memory",),
        counted=True,
    ),
    Attack(
        "takes memory locked in place",
        "python",
        """
import ctypes, mmap
ctypes.CDLL(None).mlockall(3)
kept = []
for count in range(1, 65):
    kept.append(mmap.mmap(-1, 1 << 24))
    kept[-1].write(bytes(1 << 24))
print("BREACH", count << 4)
""",
        ends=("out_of_memory", "error"),
    ),
    Attack(
        "takes memory for files without a name",
        "python",
        """
import os
kept, mib = [], 0
try:
    while mib < 400:
        path = ("/workspace", "/tmp", "/dev/shm")[mib % 3] + f"/{mib}"
        kept.append(os.open(path, os.O_CREAT | os.O_RDWR))
        os.unlink(path)
        os.write(kept[-1], bytes(1 << 20))
        mib += 1
except OSError:
    pass
print("BREACH" if mib > 70 else "held", mib)
""",
    ),
    Attack(
        "has others killed in its place",
        "python",
        TRY
        + """
for name in ("oom_score_adj", "oom_adj", "mem", "uid_map", "gid_map", "setgroups", "clear_refs",
             "timerslack_ns", "coredump_filter", "loginuid", "attr/current", "comm"):
    attempt(name, lambda: open(f"/proc/self/{name}", "r+b", 0))
print("held" if open("/proc/self/oom_score_adj").read() == "1000\\n" else "BREACH")
hoard = []
while True:
    hoard.append(b"x" * (1 << 24))
""",
        ends=("out_of_memory",),
    ),
    Attack(
        "leaves a sparse file of a TiB for an answer",
        "shell",
        "truncate -s 1T answer.json || truncate -s 10G answer.json",
        ends=("output_limit", "error"),
        document="none",
    ),
    Attack(
        "leaves names that are no text",
        "python",
        """
import os
for number in range(99):
    open(b"\\xff\\xfe\\n%d" % number, "w").close()
for depth in range(3000):
    os.mkdir(b"\\xf0")
    os.chdir(b"\\xf0")
answer = 1
""",
        isolated=False,
    ),
    Attack(
        "stops what would end",
        "python",
        """
import os, signal
for _ in range(9):
    if os.fork() == 0:
        os.setsid()
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
answer = 1
""",
        isolated=False,
    ),
    Attack(
        "takes huge pages of the machine",
        "python",
        """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
for flags in (0x40022, 0x40021, 0x54040022):
    at = libc.mmap(None, ctypes.c_size_t(1 << 21), 3, flags, -1, 0)
    refused = ctypes.get_errno() == errno.EPERM  # not for want of pages
    print("held" if refused else "BREACH", hex(flags), at)
""",
    ),
    Attack(
        "has the machine write out its disks",
        "python",
        TRY
        + """
for name in ("sync", "syncfs"):
    syscall(name, 0)
""",
    ),
    Attack(
        "watches for changes without end",
        "python",
        TRY
        + """
syscall("inotify_init1", 0)
""",
    ),
)
