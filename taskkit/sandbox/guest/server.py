"""The worker server: stays warm, and forks each session off itself."""

from __future__ import annotations

import gc
import importlib
import os
import resource
import signal
import site
import sys
from typing import Any, NoReturn

from taskkit.sandbox.guest import cell, filter, kernel, root, session, wire

PENDING = 8  # ended sessions whose namespaces the kernel may still be taking apart


def main(config: dict[str, Any]) -> NoReturn:
    """Isolate this process as ``config`` says, and serve sessions until the host goes away."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # process 1 is deaf to what it does not handle
    uid = root.isolate(config) if config["isolated"] else None
    os.environ.clear()
    os.environ.update(config["environment"])
    site.main()
    for path in config["site_folders"]:
        site.addsitedir(path)
    missing = preload(config["preload"])
    place = _place(config, uid)
    forget()
    wire.write(1, wire.pack({"ready": True, "missing": missing}))
    Server(place).serve()
    os._exit(0)


def preload(names: list[str]) -> list[str]:
    """Import modules; return those that cannot be."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing


def forget() -> None:
    """Take our own modules out of what programs see, and all objects out of the collector's."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "taskkit"]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()
    gc.disable()


def _place(config: dict[str, Any], uid: int | None) -> cell.Cell:
    folder = config["folder"]
    with open("/proc/self/statm") as file:
        base = int(file.read().split()[5]) * resource.getpagesize()
    return cell.Cell(
        workspace=folder + "/workspace",
        temporary=folder + "/tmp",
        assets={
            name: f"/data/{name}" if config["isolated"] else path
            for name, path in config["assets"].items()
        },
        environment=config["environment"],
        isolated=config["isolated"],
        uid=uid,
        filter=filter.build() if config["isolated"] else b"",
        spare_processes=0 if uid is not None else PENDING,
        base_bytes=base,
    )


class Server:
    """The process that all sessions are forked from."""

    def __init__(self, place: cell.Cell) -> None:
        """Serve sessions in copies of ``place``."""
        self.place = place
        self.ended: set[int] = set()
        self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if place.isolated else -1

    def serve(self) -> None:
        """Fork a session for each first request; return when the host is gone."""
        while True:
            try:
                operation = wire.read_exactly(0, 1)
            except wire.ClosedError:
                return
            if operation == wire.RUN and not self._session():
                wire.write(1, wire.pack({"failure": "the session's first process ended early"}))

    def _session(self) -> bool:
        """Run one session; tell whether it ended as it should."""
        done, mark = os.pipe()
        if self.place.isolated:
            kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            os.close(done)
            self._live(mark)
        if self.place.isolated:
            kernel.setns(self.own_pids, kernel.CLONE_NEWPID)
        os.close(mark)
        well = os.read(done, 1) == wire.CLOSE
        os.close(done)
        self.ended.add(pid)
        self._reap()
        return well

    def _live(self, mark: int) -> NoReturn:
        try:
            session.serve(self.place)
        except wire.ClosedError:
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)
        os.write(mark, wire.CLOSE)
        os._exit(0)

    def _reap(self) -> None:
        """Collect ended sessions; wait for one where too many are left."""
        while self.ended:
            wait = 0 if len(self.ended) > PENDING else os.WNOHANG
            pid, _ = os.waitpid(-1, wait)
            if pid == 0:
                return
            self.ended.discard(pid)
