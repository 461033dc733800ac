"""Where episodes are played: warm workers and guides, one per environment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import cycle
from pathlib import Path

from taskkit.errors import SandboxError, UsageError
from taskkit.play.episode import Episode
from taskkit.sandbox.protocol import Backend, Site, Worker
from taskkit.spec.environment import Asset, Environment
from taskkit.spec.image import preload
from taskkit.spec.task import TaskSpec
from taskkit.sql.guide.guide import Guide

MAX_WORKERS = 4  # environments kept warm; a worker with pandas holds about 100 MiB
MAX_DOCUMENTS = 64

Key = tuple[str, tuple[Asset, ...]]


class Stage:
    """Opens episodes on one backend, one at a time; close it when done."""

    def __init__(
        self,
        backend: Backend,
        asset: Callable[[str], Path],
        document: Callable[[str], str],
        cache: Path,
        *,
        max_workers: int = MAX_WORKERS,
    ) -> None:
        """Make a stage; nothing is started before the first episode.

        Args:
            asset: Gives the file of an asset by its sha256, its content checked.
            document: Gives the text of a context document by its sha256.
            cache: Folder for search indexes, shared by all stages and runs.
        """
        self._backend = backend
        self._asset = asset
        self._document = lru_cache(MAX_DOCUMENTS)(document)
        self._cache = cache
        self._max_workers = max_workers
        self._workers: OrderedDict[Key, Worker] = OrderedDict()
        self._guides: dict[str, Guide] = {}
        self._busy = False

    @contextmanager
    def episode(self, spec: TaskSpec) -> Iterator[Episode]:
        """Open an episode of a task in a fresh session; leaving it ends the session.

        Raises:
            SandboxError: the sandbox failed; its worker is replaced for the next episode.
            SourceError: an asset is missing, or not the one that the task names.
            UsageError: another episode of this stage is open.
        """
        with self.episodes([spec]) as [episode]:
            yield episode

    @contextmanager
    def episodes(
        self, specs: Sequence[TaskSpec], *, one_session: bool = False
    ) -> Iterator[list[Episode]]:
        """Open an episode of each of several tasks of one image and the same assets.

        Args:
            one_session: They are played one after the other in one session, where each finds what
                those before it left; else in a session each, as `shares` allows.

        Raises:
            SandboxError: the sandbox failed; its worker is replaced for the next episodes.
            SourceError: an asset is missing, or not the one that the tasks name.
            UsageError: an episode of this stage is open.
        """
        if self._busy:
            raise UsageError("an episode of this stage is open: close it, or make another stage")
        self._busy = True
        place = specs[0].environment
        key = (place.image, place.assets)
        try:
            worker, guide = self._worker(key), self._guide(place)
            with ExitStack() as stack:
                wanted = 1 if one_session else len(specs)
                sessions = cycle([stack.enter_context(worker.session()) for _ in range(wanted)])
                yield [
                    Episode(spec, session, guide, document=self._document)
                    for spec, session in zip(specs, sessions, strict=False)
                ]
        except SandboxError:
            self._drop(key)
            raise
        finally:
            self._busy = False

    def shares(self, spec: TaskSpec) -> Hashable:
        """Give what tasks have in common whose episodes may be open at once; None for one alone.

        They may, where the episode is to be a single SQL program and the worker queues them.
        """
        key = (spec.environment.image, spec.environment.assets)
        return (*key, spec.environment.database) if self._worker(key).queues else None

    def close(self) -> None:
        """End every worker; safe to call twice."""
        while self._workers:
            self._workers.popitem()[1].close()
        while self._guides:
            self._guides.popitem()[1].close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _worker(self, key: Key) -> Worker:
        """Give the warm worker of an environment; the one unused longest makes room."""
        if key not in self._workers:
            while len(self._workers) >= self._max_workers:
                self._workers.popitem(last=False)[1].close()
            image, assets = key
            files = {asset.name: self._asset(asset.sha256) for asset in assets}
            self._workers[key] = self._backend.worker(Site(image, files, preload(image)))
        self._workers.move_to_end(key)
        return self._workers[key]

    def _drop(self, key: Key) -> None:
        """Close a worker that failed."""
        worker = self._workers.pop(key, None)
        if worker is not None:
            worker.close()

    def _guide(self, environment: Environment) -> Guide | None:
        """Give the guide to the database of an environment."""
        asset = next((a for a in environment.assets if a.name == environment.database), None)
        if asset is None:
            return None
        if asset.sha256 not in self._guides:
            self._guides[asset.sha256] = Guide(
                self._asset(asset.sha256), self._cache, sha256=asset.sha256
            )
        return self._guides[asset.sha256]
