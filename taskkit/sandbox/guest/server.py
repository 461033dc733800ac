"""The worker server: stays warm, and forks each session off itself."""

from __future__ import annotations

import gc
import itertools
import os
import select
import signal
import sys
import time

from taskkit.sandbox.guest import (
    cell,
    cgroup,
    filter,
    folder,
    kernel,
    launch,
    lone,
    network,
    program,
    root,
    session,
    wire,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

PENDING = 8  # ended sessions whose namespaces the kernel may still be taking apart
QUERY = b"select 1 as a, 'b', null, 1.5"
HOLD_S = 0.05  # how long replies are held back at most, but for one query's time
SWEEP_S = 4.0  # less than the host waits before it kills
WARM_UPS = 12  # CPython 3.11 adapts a function after 8 calls


def main(config: dict[str, Any]) -> NoReturn:
    """Isolate this process as ``config`` says, and serve sessions until the host goes away."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # process 1 is deaf to what it does not handle
    isolated = config["isolated"]
    if "FAKETIME" in os.environ:
        drop_shared_clock()
    if "callback" in config:
        config["control"] = network.call(config["callback"])
    groups = cgroup.Groups(config["group"]) if config["group"] else None
    account = cgroup.container() if config["contained"] else None
    uid = root.isolate(config) if isolated else None
    os.environ.clear()
    os.environ.update(config["environment"])
    time.tzset()  # the C library has read TZ once, and would not again
    seccomp = filter.build(networked=bool(config["ports"])) if isolated else b""
    place = cell.Cell(config, uid, seccomp, groups, account)
    if isolated:
        place.open_databases()
    elif config["furnished"]:
        load_python(config, config["preload"])
    warm(place)
    place.join(0)
    settle(place)
    wire.write(1, wire.notice(wire.READY))
    server = Server(place, config)
    server.serve()
    if not isolated:
        server.wind_up()
        folder.remove(config["own_folder"])
    os._exit(0)


def drop_shared_clock() -> None:
    """Take the names off what libfaketime shares, else they would outlive a worker that is killed.

    It is mapped by now, and later programs make one of their own, in their session.
    """
    for name in ("faketime_shm_", "sem.faketime_sem_"):
        try:
            os.unlink(f"/dev/shm/{name}{os.getpid()}")
        except OSError:
            continue


def load_python(config: dict[str, Any], preload: Iterable[str]) -> None:
    """Make this process ready for Python programs: packages in reach, modules imported."""
    import importlib
    import site

    from taskkit.sandbox.guest import script

    if config["executable"]:
        sys.executable = config["executable"]  # as seen from inside; packages are found by it
    site.main()
    if config["isolated"] and sys.version_info >= (3, 12):
        import asyncio.selector_events as transports

        # from 3.12 on it writes by sendmsg, which the filter refuses
        setattr(transports, "_HAS_SENDMSG", False)  # noqa: B010
    for name in preload:
        try:
            importlib.import_module(name)
        except ImportError as error:
            sys.stderr.write(f"preload {name}: {error}\n")
    script.warm(WARM_UPS)
    program.run_script = script.run
    for name in [name for name in sys.modules if name.partition(".")[0] == "taskkit"]:
        del sys.modules[name]  # a program's `import taskkit` finds nothing
    sys.meta_path.remove(config["finder"])


def warm(place: cell.Cell) -> None:
    """Run our own code until the interpreter has adapted to it, so that no fork has to again.

    A fork that finds caches filled writes to fewer pages; pages written to, which the kernel must
    copy, are most of what a small program costs.
    """
    limits = {"wall_s": 30.0, "cpu_s": 30.0} | dict.fromkeys(wire.LIMITS[2:], 64)
    assets, place.assets = place.assets, {"a": ":memory:"}
    there, here = os.pipe()
    for _ in range(WARM_UPS):
        os.write(here, wire.request("sql", "a", QUERY, limits, collect=True))
        asked, code = wire.read_request(there)
        wire.reply(*lone.answer(place, asked, code))
        running = session.Running(place, asked, lambda pipes: launch.Child(_idle(pipes)))
        wire.reply(*running.finish())
    place.assets = assets
    os.close(there)
    os.close(here)


def _idle(pipes: list[int]) -> int:
    pid = os.fork()
    if pid == 0:
        os.write(pipes[2], program.LOCKED)
        os._exit(0)
    return pid


def settle(place: cell.Cell) -> None:
    """Take all objects that are here to stay out of the collector's and the limits' account."""
    gc.collect()
    gc.freeze()
    gc.disable()
    place.weigh()


class Server:
    """The process that all sessions are forked from."""

    def __init__(self, place: cell.Cell, config: dict[str, Any]) -> None:
        """Serve sessions in copies of ``place``."""
        self.place, self.config = place, config
        self.ended: set[int] = set()
        self.early: set[int] = set()
        """Sessions that were collected before they were missed."""
        self.held: list[tuple[bytes, int]] = []
        self.silent_since = 0.0
        self.zygotes: dict[int, int] = {}
        """Kinds of those that live, by process id."""
        self.control: int = config["control"]
        """Where the host sends the streams of sessions that are open beside others."""
        self.beside: dict[int, tuple[int, int]] = {}
        """Those sessions: where each calls, to its number among them and its process id."""
        self.poll = select.poll()
        if self.control >= 0:
            self.poll.register(self.control, select.POLLIN)
        self.launcher = launch.Launcher(config, place)
        self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if place.isolated else -1

    def serve(self) -> None:
        """Fork a session for each first request; return when the host is gone."""
        while True:
            try:
                self._heed(0)
                operation = wire.read_exactly(0, 1)
                if operation == wire.LONE:
                    self._lone()
                elif operation == wire.RUN:
                    self._tell()
                    if not self._session():
                        said = "the session's first process ended early"
                        wire.write(1, wire.notice(wire.FAILURE, said))
            except (wire.ClosedError, BrokenPipeError):
                return

    def _session(self) -> bool:
        """Run one session; tell whether it ended as it should."""
        called, mark = os.pipe()
        pid = self._fork()
        if pid == 0:
            os.close(called)
            self._live(mark)
        os.close(mark)
        while self._heed(called) and (call := os.read(called, 1)) and call in launch.ZYGOTES:
            self._need_zygote(call[0])
        os.close(called)
        self.ended.add(pid)
        self._reap()
        return call == wire.CLOSE

    def _heed(self, fd: int, patience_s: float | None = None) -> bool:
        """Wait until ``fd`` can be read, and serve the sessions beside meanwhile.

        Returns:
            False where ``patience_s`` seconds passed before.

        Raises:
            ClosedError: the host is gone; a wait without end leaves that to who is waited for.
        """
        deadline = None if patience_s is None else time.monotonic() + patience_s
        if deadline is not None:
            self.poll.register(0, 0)  # nothing to read; it tells when the host is gone
        self.poll.register(fd, select.POLLIN)
        try:
            while True:
                left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
                events = dict(self.poll.poll(left))
                if fd in events:
                    return True
                if 0 in events:
                    raise wire.ClosedError("the host is gone")
                if not events:
                    return False
                for ready in events:
                    self._serve_beside(ready)
        finally:
            self.poll.unregister(fd)
            if deadline is not None:
                self.poll.unregister(0)

    def wind_up(self) -> None:
        """Wait until the sessions beside have swept up, where no namespace takes them along."""
        deadline = time.monotonic() + SWEEP_S
        while self.beside and (left := deadline - time.monotonic()) > 0:
            for ready in dict(self.poll.poll(left * 1000)):
                if ready in self.beside:
                    self._serve_beside(ready)

    def _serve_beside(self, ready: int) -> None:
        """Open a session beside others, or do what one of them calls for."""
        if ready == self.control:
            self._open_beside()
            return
        call = os.read(ready, 1)
        if call in launch.ZYGOTES and call:
            self._need_zygote(call[0])
            return
        self.poll.unregister(ready)
        os.close(ready)
        self.ended.add(self.beside.pop(ready)[1])
        self._reap()

    def _open_beside(self) -> None:
        _, streams = network.receive(self.control, 1, 1)
        if not streams:
            self.poll.unregister(self.control)  # the host is gone
            return
        (stream,) = streams
        taken = {slot for slot, _ in self.beside.values()}
        slot = next(number for number in itertools.count(1) if number not in taken)
        called, mark = os.pipe()
        pid = self._fork()
        if pid == 0:
            os.dup2(stream, 0)
            os.dup2(stream, 1)
            for fd in (stream, called, self.control):
                os.close(fd)
            self.place.move(slot)
            self._live(mark, beside=True)
        os.close(stream)
        os.close(mark)
        self.beside[called] = slot, pid
        self.poll.register(called, select.POLLIN)

    def _lone(self) -> None:
        """Run one query in namespaces of its own."""
        wall_s, cpu_s = wire.read_times(0)
        body = os.memfd_create("reply")
        called, mark = os.pipe()
        started, account = time.monotonic(), self.place.account
        kills = account.kills() if account else 0
        pid = self._fork()
        if pid == 0:
            lone.run(self.place, mark, body)
        os.close(mark)
        head, late = lone.wait(pid, called, wall_s, self._heed)
        if head:
            self.ended.add(pid)
        else:
            spent = time.monotonic() - started
            killed = account and account.kills() != kills
            reason = "out_of_memory" if killed else "timeout" if late else None
            head = lone.obituary(pid, body, spent, cpu_s=cpu_s, reason=reason)
        os.close(called)
        if not self.held:
            self.silent_since = started
        self.held.append((head, body))
        self._reap()
        if time.monotonic() - self.silent_since > HOLD_S or not wire.waits(0):
            self._tell()

    def _tell(self) -> None:
        """Forward the replies that were held back while more queries waited.

        Each would wake the host, which has nothing better to do before it has them all.
        """
        for head, body in self.held:
            lone.forward(head, body)
            os.close(body)
        self.held.clear()

    def _fork(self) -> int:
        """Fork; the child is process 1 of a new namespace where isolated."""
        if not self.place.isolated:
            return os.fork()
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            kernel.setns(self.own_pids, kernel.CLONE_NEWPID)
        return pid

    def _live(self, mark: int, *, beside: bool = False) -> NoReturn:
        self.launcher.mark = mark
        if not self.place.isolated and cell.LINUX:
            kernel.die_with_parent()
        try:
            if beside:
                session.serve_beside(self.place, self.launcher, self.config["ports"])
            else:
                session.serve(self.place, self.launcher)
        except wire.ClosedError:
            self.place.sweep()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)
        os.write(mark, wire.CLOSE)
        os._exit(0)

    def _need_zygote(self, kind: int) -> None:
        """Have a zygote, started with the first program of its kind and again should it die."""
        if kind in self.zygotes.values():
            return
        pid = os.fork()
        if pid == 0:
            kernel.die_with_parent()
            os.close(0)
            os.close(1)
            os.close(self.control)
            if self.place.groups is not None:
                self.place.groups.leave()  # what it loads counts for no program
            preload = self.config["preload"]
            if kind == launch.PLAIN:
                preload = [name for name in preload if launch.is_standard(name)]
            load_python(self.config, preload)
            settle(self.place)
            self.place.join(0)
            launch.Zygote(self.launcher.pipes[kind][0], self.place).serve()
        self.zygotes[pid] = kind

    def _reap(self) -> None:
        """Collect what has ended; wait where too many sessions are left."""
        self.ended, self.early = self.ended - self.early, self.early - self.ended
        while self.ended:
            pid, _ = os.waitpid(-1, 0 if len(self.ended) > PENDING else os.WNOHANG)
            if pid == 0:
                return
            if self.zygotes.pop(pid, None) is None and pid not in self.ended:
                self.early.add(pid)
            self.ended.discard(pid)
