"""The seccomp filter of programs: it lets through the system calls that tasks need."""

from __future__ import annotations

import errno
import os
import struct

from taskkit.sandbox.guest import calls

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _AND_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_ARG0, _AT_ARG1, _AT_ARG3 = (
    0,
    4,
    16,
    24,
    40,
)  # offsets in struct seccomp_data
_X32 = 0x40000000
_NEW_NAMESPACE = 0x7E020080  # every CLONE_NEW* flag of clone(2), CLONE_NEWTIME with them
_AF_UNIX, _AF_INET = 1, 2
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_PR_SET_DUMPABLE = 4
_MAP_HUGETLB = 0x40000  # pages of a pool of the machine, which no limit counts

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

DENIED: dict[str, tuple[int | None, int | None]] = {
    "_sysctl": (156, None),
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "inotify_add_watch": (254, 27),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mbind": (237, 235),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "recvmmsg": (299, 243),
    "recvmsg": (47, 212),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semget": (64, 190),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "set_mempolicy": (238, 237),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "settimeofday": (164, 170),
    "shmat": (30, 196),
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "sync": (162, 81),
    "syncfs": (306, 267),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    "vmsplice": (278, 75),
}
"""Calls refused with EPERM: name to its number on x86_64 and on aarch64.

Those that are not known, here or in `calls`, are refused with ENOSYS, so that a C library tries
another one.
"""

SPECIAL: dict[str, tuple[int, int]] = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "mmap": (9, 222),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "socket": (41, 198),
    "socketpair": (53, 199),
}
"""Calls refused for some arguments only."""


class _Backwards:
    """A filter written from its last instruction to its first, as its jumps lead forward."""

    def __init__(self) -> None:
        self.code: list[bytes] = []

    def put(self, code: int, value: int, hit: int | None = None, miss: int | None = None) -> int:
        """Put an instruction before all others and return its place, counted from the end.

        Args:
            code: What it does.
            value: With what.
            hit: The place to go on where a test holds; by default the next.
            miss: The place to go on where it does not.
        """
        place = len(self.code)
        jumps = (0 if to is None else place - to - 1 for to in (hit, miss))
        self.code.append(struct.pack("=HBBI", code, *jumps, value))
        return place

    def choose(self, starts: list[tuple[int, int]]) -> int:
        """Put a search for the last of ``starts`` that the number reaches: (number, place)."""
        if len(starts) == 1:
            return starts[0][1]
        middle = len(starts) // 2
        miss = self.choose(starts[:middle])
        return self.put(_AT_LEAST, starts[middle][0], self.choose(starts[middle:]), miss)


def _starts(ends: dict[int, int], other: int) -> list[tuple[int, int]]:
    """Give where another end begins than that of the number before; ``other`` is all others'."""
    starts = [(0, other)]
    for number in sorted({*ends, *(number + 1 for number in ends)}):
        if (end := ends.get(number, other)) != starts[-1][1]:
            starts.append((number, end))
    return starts


def build(machine: str | None = None, *, networked: bool = False) -> bytes:
    """Return the filter for ``machine``, this one by default, as BPF instructions.

    It is a binary search: when a process is bound to a filter, the kernel tries every system call.

    Args:
        machine: As `os.uname` calls it.
        networked: Let through sockets of the internet, of which a session with services has its
            own.

    Raises:
        KeyError: the machine is neither x86_64 nor aarch64.
    """
    machine = machine or os.uname().machine
    column = {"x86_64": 0, "aarch64": 1}[machine]
    code = _Backwards()
    kill, allow = code.put(_RETURN, _KILL), code.put(_RETURN, _ALLOW)
    refuse, unknown, family = (
        code.put(_RETURN, _ERRNO | error)
        for error in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT)
    )

    def look(offset: int, test: int, value: int, hit: int, miss: int) -> int:
        code.put(test, value, hit, miss)
        return code.put(_LOAD, offset)

    def special(name: str) -> int:
        return SPECIAL[name][column]

    numbers = (both[column] for both in DENIED.values())
    ends = {number: refuse for number in numbers if number is not None}
    ends |= dict.fromkeys(calls.allowed(column).values(), allow)
    ends[special("clone3")] = unknown  # its flags lie in memory; libc uses clone
    ends[special("clone")] = look(_AT_ARG0, _AND_SET, _NEW_NAMESPACE, refuse, allow)
    ends[special("socketpair")] = look(_AT_ARG0, _EQUAL, _AF_UNIX, allow, family)
    ends[special("socket")] = ends[special("socketpair")]
    if networked:
        code.put(_EQUAL, _AF_INET, allow, family)
        ends[special("socket")] = look(_AT_ARG0, _EQUAL, _AF_UNIX, allow, len(code.code) - 1)
    ends[special("prlimit64")] = look(_AT_ARG0, _EQUAL, 0, allow, refuse)
    ends[special("sched_setaffinity")] = ends[special("prlimit64")]
    ends[special("prctl")] = look(_AT_ARG0, _EQUAL, _PR_SET_DUMPABLE, refuse, allow)
    ends[special("mmap")] = look(_AT_ARG3, _AND_SET, _MAP_HUGETLB, refuse, allow)
    code.put(_EQUAL, _TIOCLINUX, refuse, allow)
    ends[special("ioctl")] = look(_AT_ARG1, _EQUAL, _TIOCSTI, refuse, len(code.code) - 1)
    code.choose([*_starts(ends, unknown), (_X32, unknown)])  # the x32 calls alias the others
    search = code.put(_LOAD, _AT_NUMBER)
    code.put(_EQUAL, AUDIT_ARCH[machine], search, kill)
    code.put(_LOAD, _AT_ARCH)
    return b"".join(reversed(code.code))
