"""The seccomp filter of programs: it refuses the system calls that no task needs."""

from __future__ import annotations

import errno
import platform
import struct

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AND_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_ARG0, _AT_ARG1 = 0, 4, 16, 24  # offsets in struct seccomp_data
_X32 = 0x40000000
_NEW_NAMESPACE = 0x7E020080  # every CLONE_NEW* flag of clone(2), CLONE_NEWTIME with them
_AF_UNIX = 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

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
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semget": (64, 190),
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
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
    "vmsplice": (278, 75),
}
"""Calls refused with EPERM: name to its number on x86_64 and on aarch64."""

SPECIAL: dict[str, tuple[int, int]] = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "socket": (41, 198),
    "socketpair": (53, 199),
}
"""Calls refused for some arguments only."""


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(error: int) -> bytes:
    return _instruction(_RETURN, _ERRNO | error)


def _when(number: int, *body: bytes) -> bytes:
    """Run ``body``, which must return, for call ``number``; else go on behind it."""
    return _instruction(_EQUAL, number, 0, len(body)) + b"".join(body)


def _argument(
    offset: int, test: int, values: tuple[int, ...], error: int, *, refuse: bool
) -> bytes:
    """Look at an argument; refuse the call where it is one of ``values``, or where it is none."""
    last, jumps = len(values), b""
    for at, value in enumerate(values):
        jumps += _instruction(test, value, last - at, 0)
    hit, miss = (_refuse(error), _ALLOW) if refuse else (_instruction(_RETURN, _ALLOW), 0)
    other = _instruction(_RETURN, miss) if refuse else _refuse(error)
    return _instruction(_LOAD, offset) + jumps + other + hit


def _split(code: bytes) -> tuple[bytes, ...]:
    return tuple(code[at : at + 8] for at in range(0, len(code), 8))


def build(machine: str | None = None) -> bytes:
    """Return the filter for ``machine``, this one by default, as BPF instructions.

    Raises:
        KeyError: the machine is neither x86_64 nor aarch64.
    """
    machine = machine or platform.machine()
    column = {"x86_64": 0, "aarch64": 1}[machine]
    special = {name: numbers[column] for name, numbers in SPECIAL.items()}
    denied = sorted(n for n in (numbers[column] for numbers in DENIED.values()) if n is not None)
    family = _argument(_AT_ARG0, _EQUAL, (_AF_UNIX,), errno.EAFNOSUPPORT, refuse=False)
    own = _argument(_AT_ARG0, _EQUAL, (0,), errno.EPERM, refuse=False)
    clone = _argument(_AT_ARG0, _AND_SET, (_NEW_NAMESPACE,), errno.EPERM, refuse=True)
    tty = _argument(_AT_ARG1, _EQUAL, (_TIOCSTI, _TIOCLINUX), errno.EPERM, refuse=True)
    parts = [
        _instruction(_LOAD, _AT_ARCH),
        _instruction(_EQUAL, AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _AT_NUMBER),
        _instruction(0x35, _X32, 0, 1),  # the x32 calls alias the ones below
        _refuse(errno.ENOSYS),
        _when(special["clone3"], _refuse(errno.ENOSYS)),  # its flags lie in memory; libc uses clone
        _when(special["clone"], *_split(clone)),
        _when(special["socket"], *_split(family)),
        _when(special["socketpair"], *_split(family)),
        _when(special["prlimit64"], *_split(own)),
        _when(special["sched_setaffinity"], *_split(own)),
        _when(special["ioctl"], *_split(tty)),
    ]
    for at, number in enumerate(denied):
        parts.append(_instruction(_EQUAL, number, len(denied) - at, 0))
    return b"".join(parts) + _instruction(_RETURN, _ALLOW) + _refuse(errno.EPERM)
