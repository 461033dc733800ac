"""A backend whose warm workers are shared: many episodes of one site are open in each of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from taskkit.sandbox.protocol import Backend, Session, Site, Worker

MOST = 64  # sessions of one worker; beyond them another is started


class SharedBackend:
    """Gives each thread its own handle on workers that all threads share.

    An episode that waits for a model keeps its session, and no worker of its own. Where a backend
    gives each session a container, each handle has a worker of its own.
    """

    def __init__(self, backend: Backend, most: int = MOST) -> None:
        """Share the workers of ``backend``, up to ``most`` handles on each."""
        self.backend, self.most = backend, most
        self.name, self.isolation = backend.name, backend.isolation
        self._lock = Lock()
        self._pools: dict[Hashable, list[_Shared]] = {}

    def worker(self, site: Site) -> Handle:
        """Give a handle on a worker of a site; the first one starts it.

        Raises:
            MissingError: the machine lacks what the backend needs.
            SandboxError: the worker did not come up.
        """
        with self._lock:  # two threads are not to start two workers
            pool = self._pools.setdefault(_key(site), [])
            shared = next((one for one in pool if one.handles < one.most), None)
            if shared is None:
                shared = _Shared(self.backend.worker(site), self.most)
                pool.append(shared)
            shared.handles += 1
        return Handle(self, pool, shared)

    def give_back(self, pool: list[_Shared], shared: _Shared) -> None:
        """Take a handle back; the last one ends the worker."""
        with self._lock:
            shared.handles -= 1
            if shared.handles:
                return
            pool.remove(shared)
        shared.worker.close()


class _Shared:
    """A worker, and how many have a handle on it."""

    def __init__(self, worker: Worker, most: int) -> None:
        self.worker, self.handles = worker, 0
        self.most = min(most, getattr(worker, "capacity", 1))


class Handle:
    """A worker as one thread sees it: one session at a time, beside those of the others."""

    def __init__(self, backend: SharedBackend, pool: list[_Shared], shared: _Shared) -> None:
        self._backend, self._pool, self._shared = backend, pool, shared
        self._open = True
        self.queues = False
        self.capacity = 1

    @contextmanager
    def session(self, *, concurrent: bool = False) -> Iterator[Session]:
        """Open a fresh session; leaving it kills every process of it and drops its files."""
        options: dict[str, Any] = {"concurrent": True} if self._shared.most > 1 else {}
        with self._shared.worker.session(**options) as session:
            yield session

    def close(self) -> None:
        """Give the handle back; safe to call twice."""
        if self._open:
            self._open = False
            self._backend.give_back(self._pool, self._shared)


def _key(site: Site) -> Hashable:
    services: dict[str, Any] = getattr(site, "services", {})
    return (
        site.image,
        tuple(sorted((name, str(path)) for name, path in site.assets.items())),
        site.preload,
        tuple((name, id(one)) for name, one in sorted(services.items())),
    )
