"""The outer shell of a worker: namespaces and a root of read-only binds, around its sessions."""

from __future__ import annotations

import os
import re
import select
import signal

from taskkit.sandbox.guest import kernel, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHELL = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)
INNER_UID = 1000
BUILD_SITES = ("/sys", "/mnt", "/media", "/srv", "/opt")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/etc/alternatives")
DEVICES = ("null", "zero", "full", "random", "urandom")
COPIED = ("/etc/ld.so.cache",)
EMPTY = "/etc/empty"
LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/shm": "/tmp",
}
FOLDERS = ("/proc", "/tmp", "/workspace", "/session", "/data", "/dev", "/etc")
_OCTAL = re.compile(r"\\([0-7]{3})")
_OPTIONS = {
    "nosuid": kernel.MS_NOSUID,
    "nodev": kernel.MS_NODEV,
    "noexec": kernel.MS_NOEXEC,
    "noatime": kernel.MS_NOATIME,
    "nodiratime": kernel.MS_NODIRATIME,
    "relatime": kernel.MS_RELATIME,
}


def isolate(config: dict[str, Any]) -> int | None:
    """Move this process's further life into a shell of its own; return the programs' user.

    What returns is a child, process 1 of the shell. The process that called stays outside as its
    guard until it or the host ends, and never returns.
    """
    host = _host(config["host_pid"])
    uid, gid = os.getuid(), os.getgid()
    privileged = _leave(uid, gid, SHELL if config["group"] else SHELL | kernel.CLONE_NEWCGROUP)
    pid = os.fork()
    if pid:
        if config["control"] >= 0:
            os.close(config["control"])
        _guard(host, pid, far=not config["host_pid"])
    kernel.die_with_parent()
    os.close(host)
    user = config["uid"] if privileged else INNER_UID
    _build(config, user)
    kernel.drop_bounding_set()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    return user if privileged else None


def _host(pid: int) -> int:
    """Return what tells that the host has ended: its process, or our input where that is afar."""
    if not pid:
        return os.dup(0)
    host = os.pidfd_open(pid)
    if os.getppid() != pid:
        os._exit(0)  # it ended before we looked
    return host


def _leave(uid: int, gid: int, spaces: int) -> bool:
    """Enter new namespaces; tell whether that took no user namespace."""
    if uid == 0:
        try:
            kernel.unshare(spaces)
        except PermissionError:
            pass
        else:
            return True
    kernel.unshare(spaces | kernel.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{INNER_UID} {uid} 1"),
        ("gid_map", f"{INNER_UID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    return False


def _guard(host: int, pid: int, *, far: bool) -> None:
    """Wait for the end of the host or of the server, then end the server and go."""
    server = os.pidfd_open(pid)
    os.closerange(0, 2)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    poll = select.poll()
    poll.register(host, 0 if far else select.POLLIN)  # of an input, only its end
    poll.register(server, select.POLLIN)
    poll.poll()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os._exit(0)


def _build(config: dict[str, Any], user: int) -> None:
    """Build the new root and move into it."""
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    sources = [*config["folders"], *config["binds"].values(), *config["assets"].values()]
    root = _free_site(sources)
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=16m")
    for folder in FOLDERS:
        os.mkdir(root + folder, 0o755)
    for path in SYSTEM:
        _system(root, path)
    for path in sorted(config["folders"], key=len):
        _bind(path, root + path)
    for target, source in config["binds"].items():
        _bind(source, root + target)
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{root}/dev/{name}")
    for name, path in config["assets"].items():
        _bind(path, f"{root}/data/{name}")
    _write_etc(root, user, networked=bool(config["ports"]))
    for path in config["hidden"]:
        _hide(root, path)
    for link, target in LINKS.items():
        os.symlink(target, root + link)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("proc", root + "/proc", "proc", flags)
    _freeze(root)
    os.chdir(root)
    kernel.enter_root()


def _free_site(sources: list[str]) -> str:
    """Return a folder of the host to build on, such that it hides nothing we need."""
    for site in BUILD_SITES:
        if os.path.isdir(site) and not any(s.startswith(site + "/") for s in sources):
            return site
    raise OSError(f"no folder to build a root on: one of {', '.join(BUILD_SITES)} must exist")


def _system(root: str, path: str) -> None:
    if os.path.islink(path):
        os.symlink(os.readlink(path), root + path)
    elif os.path.isdir(path):
        _bind(path, root + path)


def _bind(source: str, target: str) -> None:
    """Show ``source`` at ``target``, which is made."""
    if os.path.ismount(target) or _shown(source, target):
        return
    if os.path.isdir(source):
        os.makedirs(target, 0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    kernel.mount(source, target, None, kernel.MS_BIND | kernel.MS_REC)


def _shown(source: str, target: str) -> bool:
    """Tell whether an earlier bind shows ``source`` at ``target`` already."""
    try:
        return os.path.samefile(source, target)
    except OSError:
        return False


def _hide(root: str, path: str) -> None:
    """Put nothing in the place of a file or folder that a bind would show."""
    target = root + path
    if os.path.isdir(target):
        kernel.mount("tmpfs", target, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4k")
    elif os.path.exists(target):
        kernel.mount(root + EMPTY, target, None, kernel.MS_BIND)


def _write_etc(root: str, user: int, *, networked: bool) -> None:
    users = range(user, user + wire.CAPACITY + 1)
    files = {
        "passwd": "".join(f"agent:x:{one}:{one}::/workspace:/bin/sh\n" for one in users),
        "group": "".join(f"agent:x:{one}:\n" for one in users),
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "hosts": "127.0.0.1 localhost\n" if networked else "",
        "empty": "",
    }
    for path in COPIED:
        if os.path.exists(path):
            with open(path, "rb") as source, open(root + path, "wb") as target:
                target.write(source.read())
    for name, text in files.items():
        with open(f"{root}/etc/{name}", "w") as target_text:
            target_text.write(text)


def _freeze(root: str) -> None:
    """Make every mount of the new root but /proc read-only, without losing a flag it has."""
    for path, options in _mounts(root):
        keep = 0
        for option in options.split(","):
            keep |= _OPTIONS.get(option, 0)
        devices = 0 if path.startswith(root + "/dev/") else kernel.MS_NODEV
        flags = keep | devices | kernel.MS_NOSUID | kernel.MS_RDONLY
        if path != root + "/proc":
            kernel.mount("none", path, None, flags | kernel.MS_BIND | kernel.MS_REMOUNT)


def _mounts(root: str) -> list[tuple[str, str]]:
    """Return path and options of the mount at ``root`` and of all that hang on it."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.split() for line in file]
    inside = {[fields[0] for fields in lines if fields[4] == root][-1]}
    found = []
    for number, parent, _, _, path, options, *_ in lines:
        if number in inside or parent in inside:
            inside.add(number)
            found.append((_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), path), options))
    return found
