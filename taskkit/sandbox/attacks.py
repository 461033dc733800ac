"""Hostile programs: what each tries, and how it must end. A sandbox that holds prints no BREACH."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taskkit.sandbox.guest.filter import DENIED, SPECIAL
from taskkit.sandbox.protocol import Status

Language = Literal["python", "sql", "shell"]

EVERY_END: tuple[Status, ...] = (
    "ok",
    "error",
    "timeout",
    "out_of_memory",
    "killed",
    "output_limit",
)


@dataclass(frozen=True)
class Attack:
    """One hostile program."""

    name: str
    language: Language
    code: str
    """May hold {secret}, a file of the host, {digest}, the SHA-256 of the text in it, and
    {numbers}, those of system calls."""
    ends: tuple[Status, ...] = ("ok",)
    """The outcomes that are right."""
    isolated: bool = True
    """Whether only a backend that isolates can hold it."""
    counted: bool = False
    """Whether only a kernel that counts what programs hold, in a cgroup, can hold it."""
    document: Literal["none", "unfit", "any"] = "any"
    """`none`: what the program leaves must not be taken for an answer; `unfit`: nor be read as one.
    """

    def filled(self, secret: Path) -> str:
        """Return its code, with what it looks for: a file of the host."""
        digest = hashlib.sha256(secret.read_bytes()).hexdigest()
        code = self.code.replace("{secret}", str(secret)).replace("{digest}", digest)
        return code.replace("{numbers}", repr(DENIED | SPECIAL))


TRY = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, call):
    try:
        result = call()
    except (OSError, ValueError, MemoryError) as error:
        print("held:", what, type(error).__name__)
    else:
        print("BREACH:", what, repr(result)[:200])
NUMBERS = {numbers}
def number(name):
    return ctypes.c_long(NUMBERS[name][os.uname().machine != "x86_64"])
def syscall(name, *arguments):
    long = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(number(name), *long)
    print("held:" if result == -1 else "BREACH:", name, result)
"""

READING = (
    Attack(
        "reads files of the host",
        "python",
        TRY
        + """
for path in ("{secret}", "/etc/shadow", "/root/.ssh/id_rsa", "/home", "/var/log", "/proc/kcore"):
    attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(9))
for number in range(64):
    attempt(f"fd {number}", lambda: os.listdir(f"/proc/1/fd/{number}"))
attempt("root of process 1", lambda: os.listdir("/proc/1/root"))
""",
    ),
    Attack(
        "reads every descriptor that it has",
        "python",
        """
import os, re
def target(fd):
    return os.readlink(f"/proc/self/fd/{fd}").encode()
for fd in range(1024):
    for read in (target, lambda fd: os.pread(fd, 1 << 16, 0)):
        try:
            found = read(fd)
        except OSError:
            continue
        if re.search(rb"TASKKIT-[0-9a-f]{32}|secret|sqlite|reply", found):
            print("BREACH", fd, found[:100])
""",
    ),
    Attack(
        "searches the disk for a text of the host",
        "shell",
        "grep -rlE 'TASKKIT-[0-9a-f]{32}' /data /dev/shm /etc /home /mnt /opt /root /run /session "
        "/srv /tmp /var /workspace 2>/dev/null --exclude-dir=.pyenv | sed 's/^/BREACH: /'; true",
    ),
    Attack(
        "looks for taskkit itself",
        "shell",
        "find / -path /proc -prune -o -name '*taskkit*' -type f -size +0 -print 2>/dev/null "
        "| sed 's/^/BREACH: /'; python3 -c 'import taskkit; print(\"BREACH\")' 2>/dev/null; true",
        ends=("ok", "timeout"),
    ),
    Attack(
        "reads the environment of the host",
        "python",
        """
import os, glob
seen = repr(dict(os.environ))
for path in glob.glob("/proc/*/environ"):
    try:
        seen += open(path, errors="replace").read()
    except OSError:
        pass
print("BREACH" if "TASKKIT_OF_HOST" in seen or "SSH_" in seen else "held")
""",
    ),
    Attack(
        "lists the processes of the host",
        "python",
        """
import os
pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
print("BREACH" if len(pids) > 2 else "held", pids)
""",
    ),
    Attack(
        "looks into process 1",
        "python",
        TRY
        + """
for name in ("mem", "environ", "maps", "auxv", "stack", "syscall"):
    attempt(name, lambda: open(f"/proc/1/{name}", "rb").read(1) or 1 / 0 == 0)
for name in ("cwd", "root", "exe", "ns/pid", "fd/0"):
    attempt(name, lambda: os.readlink(f"/proc/1/{name}"))
for name in ("mem", "oom_score_adj", "comm", "clear_refs", "timerslack_ns"):
    attempt("write " + name, lambda: open(f"/proc/1/{name}", "wb", 0).write(b"1"))
""",
    ),
    Attack(
        "probes /proc and /sys",
        "python",
        TRY
        + """
for path in ("/proc/kallsyms", "/proc/kcore", "/proc/kmsg", "/proc/sched_debug", "/sys/kernel",
             "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup", "/dev/mem", "/dev/kmsg"):
    attempt(path, lambda: os.stat(path))
""",
    ),
    Attack(
        "scans its own memory for what earlier instances left",
        "python",
        """
import hashlib, re
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if "rw" in line and end - start < 1 << 28:
            try:
                memory.seek(start)
                chunk = memory.read(end - start)
            except (OSError, ValueError):
                continue
            for text in re.findall(rb"TASKKIT-[0-9a-f]{32}", chunk):
                if hashlib.sha256(text).hexdigest() == "{digest}":
                    print("BREACH", line)
""",
    ),
)

WRITING = (
    Attack(
        "writes outside /workspace and /tmp",
        "python",
        TRY
        + """
folders = ["/", "/usr", "/usr/bin", "/etc", "/data", "/dev", "/proc", "/session", sys.prefix,
           sys.base_prefix, os.path.dirname(os.__file__), "/sys", "/var", "/run", "/home", "/root"]
for folder in folders:
    attempt(folder, lambda: open(folder + "/taskkit-breach", "w"))
attempt("os.py", lambda: open(os.__file__, "r+b"))
attempt("passwd", lambda: open("/etc/passwd", "a"))
attempt("interpreter", lambda: open("/proc/self/exe", "r+b"))
attempt("its mode", lambda: os.chmod(os.path.realpath("/proc/self/exe"), 0o777))
attempt("sysctl", lambda: open("/proc/sys/kernel/hostname", "w"))
""",
    ),
    Attack(
        "alters data",
        "python",
        TRY
        + """
path = "/data/" + sorted(os.listdir("/data"))[0]
attempt("write", lambda: open(path, "r+b"))
attempt("truncate", lambda: os.truncate(path, 0))
attempt("unlink", lambda: os.unlink(path))
attempt("rename", lambda: os.rename(path, "/data/other"))
attempt("chmod", lambda: os.chmod(path, 0o777))
attempt("link", lambda: os.link(path, "/workspace/link"))
attempt("times", lambda: os.utime(path))
syscall("mount", b"/workspace", b"/data", 0, 4096, 0)
syscall("umount2", path.encode(), 2)
""",
    ),
    Attack("alters data by SQL", "sql", "delete from t", ends=("error",)),
    Attack("attaches a file by SQL", "sql", "attach database '/tmp/x' as other", ends=("error",)),
    Attack("loads a library by SQL", "sql", "select load_extension('/tmp/x')", ends=("error",)),
    Attack("copies a database by SQL", "sql", "vacuum into '/workspace/copy'", ends=("error",)),
    Attack("sends two statements", "sql", "select 1; select 2", ends=("error",), isolated=False),
)

PASSING = (
    Attack(
        "passes descriptors",
        "python",
        TRY
        + """
import socket
one, other = socket.socketpair()
attempt("send", lambda: socket.send_fds(one, [b"x"], [0]))
attempt("receive", lambda: other.recvmsg(1, 64, socket.MSG_DONTWAIT))
syscall("sendmmsg", one.fileno(), 0, 0, 0)
syscall("recvmmsg", one.fileno(), 0, 0, 0, 0)
""",
    ),
)

REACHING = (
    Attack(
        "uses the network",
        "python",
        TRY
        + """
import socket
def connect(family, kind, address):
    link = socket.socket(family, kind)
    link.settimeout(1)
    link.connect(address)
attempt("loopback", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)))
attempt("internet", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("8.8.8.8", 53)))
attempt("datagram", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53)))
attempt("ipv6", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 22)))
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
for name, family in (("netlink", 16), ("packet", 17), ("vsock", 40), ("alg", 38)):
    attempt(name, lambda: socket.socket(family, socket.SOCK_RAW))
""",
    ),
    Attack(
        "signals process 1 and everything else",
        "python",
        TRY
        + """
import signal, time
for number in (9, 15, 2, 19, 10, 14, 17):
    try:
        os.kill(1, number)
    except PermissionError:
        pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    os.kill(-1, signal.SIGTERM)
except OSError:
    pass
time.sleep(0.1)
print("held" if os.path.exists("/proc/1") else "BREACH")
""",
    ),
    Attack(
        "traces and limits process 1",
        "python",
        TRY
        + """
syscall("ptrace", 16, 1, 0, 0)
syscall("process_vm_readv", 1, 0, 0, 0, 0, 0)
syscall("prlimit64", 1, 7, (ctypes.c_long * 2)(0, 0), 0)
syscall("sched_setaffinity", 1, 8, (ctypes.c_long * 1)(1))
syscall("sched_setscheduler", 1, 0, (ctypes.c_int * 1)(0))
syscall("setpriority", 0, 1, 19)
""",
    ),
    Attack(
        "calls what no task needs",
        "python",
        TRY
        + """
page = ctypes.create_string_buffer(4096)
syscall("io_uring_setup", 8, page)
syscall("bpf", 5, page, 128)
syscall("perf_event_open", page, 0, -1, -1, 0)
syscall("userfaultfd", 1)
syscall("add_key", b"user", b"taskkit", b"x", 1, -4)
syscall("keyctl", 0, -4, 1)
syscall("memfd_create", b"x", 0)
syscall("shmget", 0, 4096, 0o1777)
syscall("msgget", 0, 0o1777)
syscall("init_module", page, 0, b"")
syscall("kexec_load", 0, 0, 0, 0)
syscall("pidfd_getfd", 3, 0, 0)
syscall("prctl", 4, 0, 0, 0, 0)
if os.uname().machine == "x86_64":
    print("BREACH: x32" if libc.syscall(ctypes.c_long(0x40000000 + 39)) > 0 else "held: x32")
""",
    ),
    Attack(
        "gains rights in a user namespace",
        "python",
        TRY
        + """
for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("net", 0x40000000)):
    syscall("unshare", flag)
    child = libc.syscall(number("clone"), ctypes.c_long(flag | 17), 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    print("held:" if child == -1 else "BREACH:", "clone", name)
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
child = libc.syscall(number("clone3"), arguments, ctypes.c_long(88))
if child == 0:
    os._exit(0)
print("held:" if child == -1 else "BREACH:", "clone3")
for name in os.listdir("/proc/self/ns"):
    syscall("setns", os.open("/proc/self/ns/" + name, os.O_RDONLY), 0)
syscall("chroot", b"/workspace")
syscall("pivot_root", b".", b".")
""",
    ),
    Attack(
        "gains rights by setuid",
        "shell",
        "cp /bin/sh m; chmod 6755 m; ./m -c 'id -u' > uid; id -u | cmp - uid || echo BREACH"
        "; for p in /usr/bin/su /usr/bin/mount /usr/bin/passwd /bin/ping; do $p --help; done "
        ">/dev/null 2>&1; su -c 'echo BREACH' 2>/dev/null; mount -t tmpfs x /tmp 2>/dev/null "
        "&& echo BREACH; grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && echo BREACH; true",
    ),
    Attack(
        "changes the clock",
        "python",
        TRY
        + """
import time
attempt("clock_settime", lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
syscall("settimeofday", (ctypes.c_long * 2)(1, 1), 0)
syscall("clock_adjtime", 0, ctypes.create_string_buffer(512))
attempt("hostname", lambda: __import__("socket").sethostname("breach"))
""",
    ),
)
