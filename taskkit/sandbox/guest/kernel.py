"""The Linux calls that Python 3.11 has no name for."""

from __future__ import annotations

import ctypes
import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_NOATIME, MS_NODIRATIME = 32, 1024, 2048
MS_MOVE = 8192
MS_BIND, MS_REC, MS_PRIVATE, MS_RELATIME = 4096, 16384, 1 << 18, 1 << 21
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
LAST_CAP = 63  # dropping one that the kernel does not know is an error that we pass over

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_ZERO, _FILTER = ctypes.c_ulong(0), ctypes.c_ulong(2)
_PR_SET_SECCOMP = 22


def _check(result: int, what: str) -> None:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that ``flags`` names for new ones."""
    result = _libc.unshare(flags)
    if result < 0 and ctypes.get_errno() == errno.ENOSPC:  # it has nothing to do with a disk
        raise OSError(errno.ENOSPC, "no more user or other namespaces may be made here")
    _check(result, f"unshare {flags:#x}")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace of kind ``kind`` behind ``fd``."""
    _check(_libc.setns(fd, kind), f"setns {kind:#x}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount ``source`` on ``target``."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, f"mount {source} on {target} (flags {flags:#x}, options {options!r})")


def detach(target: str) -> None:
    """Take a mount off the tree at once; it ends when its last user does."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def enter_root() -> None:
    """Make the working directory, a mount point, the root for good.

    Docker's own seccomp profile refuses pivot_root; there the new root is moved over the old one,
    which stays below it, out of reach of whoever may neither mount nor chroot.
    """
    number = _PIVOT_ROOT[os.uname().machine]
    if _libc.syscall(ctypes.c_long(number), b".", b".") == 0:
        detach(".")
    elif ctypes.get_errno() == errno.EPERM:
        mount(".", "/", None, MS_MOVE)
        os.chroot(".")
    else:
        _check(-1, "pivot_root")
    os.chdir("/")


def prctl(option: int, value: int = 0, extra: int = 0) -> None:
    """Change one attribute of this process."""
    result = _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(extra), _ZERO, _ZERO)
    _check(result, f"prctl {option} {value}")


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends."""
    prctl(PR_SET_PDEATHSIG, 9)


def drop_bounding_set() -> None:
    """See to it that no program run from here on can gain a capability."""
    for capability in range(LAST_CAP + 1):
        _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


_no_caps = (ctypes.c_uint32 * 6)()
_cap_header = _CapHeader(_CAPABILITY_VERSION_3, 0)


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    number = ctypes.c_long(_CAPSET[os.uname().machine])
    _check(_libc.syscall(number, ctypes.byref(_cap_header), _no_caps), "capset")


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seccomp(code: bytes) -> Callable[[], None]:
    """Return what binds a process and its children to a BPF filter of system calls, for good."""
    program = ctypes.byref(_FilterProgram(len(code) // 8, code))

    def bind() -> None:
        if _libc.prctl(_PR_SET_SECCOMP, _FILTER, program, _ZERO, _ZERO):
            _check(-1, "prctl PR_SET_SECCOMP")

    return bind
