"""The seccomp profile of containers: the system calls that the guest server and programs may make.

Docker's own profile lets nobody make namespaces without CAP_SYS_ADMIN. With this one the server
makes them as an ordinary user, so that its container needs no capability at all. What no task needs
is refused here as there; each program is bound by `guest.filter` too, which takes `SERVER` away.
"""

from __future__ import annotations

import json

from taskkit.sandbox.guest import calls
from taskkit.sandbox.guest.filter import SPECIAL

SERVER = """
chroot memfd_create mount pivot_root recvmmsg recvmsg sendmmsg sendmsg setns umount2 unshare
"""
"""What the server makes sessions by, and its programs are refused."""


ARCHITECTURES = {"SCMP_ARCH_X86_64": ["SCMP_ARCH_X32"], "SCMP_ARCH_AARCH64": []}
"""A call of any other ends the process; `guest.filter` refuses x32 with an error."""


def profile() -> str:
    """Return the profile as the engine reads it."""
    names = sorted({*calls.allowed(0), *calls.allowed(1), *SPECIAL, *SERVER.split()})
    return json.dumps(
        {
            "defaultAction": "SCMP_ACT_ERRNO",
            "archMap": [
                {"architecture": name, "subArchitectures": below}
                for name, below in ARCHITECTURES.items()
            ],
            "syscalls": [{"names": names, "action": "SCMP_ACT_ALLOW"}],
        }
    )
