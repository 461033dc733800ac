"""Hostile programs that have a service, and reach for more than that."""

from __future__ import annotations

from taskkit.sandbox.attacks import TRY, Attack

DIALLING = (
    Attack(
        "dials everything but its service",
        "python",
        TRY
        + """
import socket
def connect(family, kind, address):
    link = socket.socket(family, kind)
    link.settimeout(1)
    link.connect(address)
for port in (22, 53, 80, 443, 2375, {other}):
    attempt(f"loopback {port}", lambda: connect(2, socket.SOCK_STREAM, ("127.0.0.1", port)))
for address in ("8.8.8.8", "10.0.0.1", "172.17.0.1", "192.168.0.1", "169.254.169.254"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        attempt(address, lambda: connect(2, kind, (address, 53)))
attempt("ipv6", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 22)))
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
for name, family in (("netlink", 16), ("packet", 17), ("vsock", 40), ("alg", 38)):
    attempt(name, lambda: socket.socket(family, socket.SOCK_RAW))
attempt("raw", lambda: socket.socket(2, socket.SOCK_RAW, 1))
""",
    ),
    Attack(
        "takes the place of its service",
        "python",
        TRY
        + """
import socket
for flag in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
    for host in ("127.0.0.1", "0.0.0.0", "127.0.0.2"):
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, flag, 1)
        try:
            link.bind((host, {port}))
            link.listen()
        except OSError:
            continue
        if host != "127.0.0.2":
            print("BREACH", host)
""",
    ),
    Attack(
        "sends its service what is no request",
        "python",
        """
import os, socket
for text in (b"", b"\\0" * 4096, b"PUT /x HTTP/1.1\\r\\nContent-Length: 9999999\\r\\n\\r\\n",
             b"GET", b"GET / HTTP/9.9\\r\\n\\r\\n", b"A: b\\r\\n" * 999, os.urandom(1 << 16)):
    link = socket.create_connection(("127.0.0.1", {port}), timeout=5)
    try:
        link.sendall(text)
        link.shutdown(socket.SHUT_WR)
        link.recv(1 << 16)
    except OSError:
        pass
kept = []
try:
    while len(kept) < 400:
        kept.append(socket.create_connection(("127.0.0.1", {port}), timeout=0.2))
except OSError:
    pass
""",
        isolated=False,
    ),
)

NAMED = """
import socket, time
name = socket.socket(socket.AF_UNIX)
name.bind(chr(0) + "taskkit-leak")
name.listen()
time.sleep(30)
"""
"""Leaves a socket whose name is no file."""

LOOK = """
import os, socket
link = socket.socket(socket.AF_UNIX)
try:
    link.connect(chr(0) + "taskkit-leak")
    print("BREACH: connected")
except OSError:
    pass
if "taskkit-leak" in open("/proc/self/net/unix").read():
    print("BREACH: a name")
for pid in os.listdir("/proc"):
    if pid.isdigit() and b"55.125" in open(f"/proc/{pid}/cmdline", "rb").read():
        print("BREACH: a process")
if os.path.exists("/tmp/kept"):
    print("BREACH: a file")
print("held")
"""
"""Looks for what another instance leaves."""
