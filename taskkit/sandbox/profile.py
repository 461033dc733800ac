"""The seccomp profile of containers: the system calls that the guest server and programs may make.

Docker's own profile lets nobody make namespaces without CAP_SYS_ADMIN. With this one the server
makes them as an ordinary user, so that its container needs no capability at all. What no task needs
is refused here as there; each program is bound by `guest.filter` too, which takes `SERVER` away.
"""

from __future__ import annotations

import json

SERVER = "chroot memfd_create mount pivot_root setns umount2 unshare"
"""What the server makes sessions by, and its programs are refused."""

ALLOWED = """
accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown clock_getres
clock_gettime clock_nanosleep clone clone3 close close_range connect copy_file_range creat dup dup2
dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2
execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat
fstatfs fsync ftruncate futex futex_waitv futimesat get_robust_list get_thread_area getcpu getcwd
getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid
getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt
gettid gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
ioctl ioprio_get kill lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek
lsetxattr lstat madvise membarrier mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap
mprotect mremap msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause
pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
preadv preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv
recvfrom recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall
rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity
sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_yield
seccomp select sendfile sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address
setfsgid setfsuid setgid setgroups setitimer setpgid setregid setresgid setresuid setreuid setrlimit
setsid setsockopt setuid setxattr shutdown sigaltstack signalfd signalfd4 socket socketpair splice
stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
timerfd_settime times tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4
waitid write writev
"""
"""What programs, the server and the engine's own start need; all else is refused.

Taken from the kernel's tables of x86-64 and of the generic architecture, without what
`guest.filter` denies, without queues of System V and POSIX, and without obsolete calls.
"""


ARCHITECTURES = {"SCMP_ARCH_X86_64": ["SCMP_ARCH_X32"], "SCMP_ARCH_AARCH64": []}
"""A call of any other ends the process; `guest.filter` refuses x32 with an error."""


def profile() -> str:
    """Return the profile as the engine reads it."""
    names = (ALLOWED + SERVER).split()
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
