"""Where episodes are played: warm workers, guides and services, one set per environment."""

from __future__ import annotations

import json
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import cycle
from pathlib import Path

from taskkit.errors import PluginError, SandboxError, UsageError
from taskkit.play.bench import Bench
from taskkit.play.episode import Episode
from taskkit.play.guide import Guide, Reachable, Surroundings, guarded, makers
from taskkit.sandbox.protocol import Backend, Outcome, Program, Session, Site, Worker
from taskkit.sandbox.service import Endpoint, Parent, prepare
from taskkit.spec.environment import Asset, Environment, Limits, Service
from taskkit.spec.image import preload
from taskkit.spec.task import TaskSpec

MAX_WORKERS = 4  # environments kept warm; a worker with pandas holds about 100 MiB
MAX_DOCUMENTS = 64
JUDGE = " judge"  # marks the workers that programs of judges run in
MAX_GUIDES = 16  # environments whose guides stay open

Key = tuple[str, tuple[Asset, ...], str]
"""Image, the assets that are mounted, and the services as JSON."""


class Stage:
    """Opens episodes on one backend; close it when done.

    `episode` opens one at a time, which is fastest; `open` one beside others, each of which may
    wait for its agent as long as that thinks. A stage serves several threads.
    """

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
        self._in_use: Counter[int] = Counter()
        self._parents: dict[tuple[str, str, str], Parent] = {}
        self._guides: OrderedDict[Hashable, tuple[Guide, ...]] = OrderedDict()
        self._busy = False
        self._lock = threading.RLock()
        self._judging = threading.Lock()
        self._asking = threading.Lock()

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
        try:
            with self._worker(specs[0].environment) as worker, ExitStack() as stack:
                wanted = 1 if one_session else len(specs)
                sessions = cycle([stack.enter_context(worker.session()) for _ in range(wanted)])
                yield [
                    self._episode(spec, session, stack)
                    for spec, session in zip(specs, sessions, strict=False)
                ]
        finally:
            self._busy = False

    @contextmanager
    def open(self, spec: TaskSpec) -> Iterator[Episode]:
        """Open an episode beside others; leaving it ends its session.

        Raises:
            SandboxError: the sandbox failed; its worker is replaced for the next episode.
            SourceError: an asset is missing, or not the one that the task names.
            UsageError: as many are open as a worker can hold.
        """
        with (
            self._worker(spec.environment) as worker,
            ExitStack() as stack,
            worker.session(concurrent=True) as session,
        ):
            yield self._episode(spec, session, stack)

    def run(
        self, image: str, assets: tuple[Asset, ...], program: Program, limits: Limits
    ) -> Outcome:
        """Run a program of a judge in a fresh session that sees these assets and nothing else.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
            SourceError: an asset is missing.
        """
        place = Environment(image=image, assets=assets)
        with self._judging, self._worker(place, JUDGE) as worker, worker.session() as session:
            return session.run(program, limits)

    def bench(self, spec: TaskSpec) -> Bench:
        """Give what makes the evidence for the judges of a task."""
        return Bench(spec.environment, self._asset, self)

    def shares(self, spec: TaskSpec) -> Hashable:
        """Give what tasks have in common whose episodes may be open at once; None for one alone.

        They may, where the episode is to be a single SQL program and the worker queues them.
        """
        with self._worker(spec.environment) as worker:
            if not worker.queues:
                return None
        return (*_key(spec.environment), spec.environment.database)

    def close(self) -> None:
        """End every worker, service and guide; safe to call twice."""
        while self._workers:
            self._workers.popitem()[1].close()
        while self._parents:
            self._parents.popitem()[1].close()
        while self._guides:
            _close(self._guides.popitem()[1])

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _episode(self, spec: TaskSpec, session: Session, stack: ExitStack) -> Episode:
        services = session.services if spec.environment.services else {}
        guides = self._guided(spec, services, stack)
        bench = self.bench(spec)
        return Episode(
            spec, session, guides, document=self._document, bench=bench, asking=self._asking
        )

    @contextmanager
    def _worker(self, place: Environment, user: str = "") -> Iterator[Worker]:
        """Give the warm worker of an environment; judges have their own, beside open episodes.

        One that fails is given no more, and ends once the episodes that are open in it have.
        """
        image, assets, services = _key(place)
        key = image, assets, services + user
        with self._lock:
            worker = self._started(key, place)
            self._in_use[id(worker)] += 1
        try:
            yield worker
        except (SandboxError, PluginError):  # a call of others may have been cut short in it
            with self._lock:
                if self._workers.get(key) is worker:
                    del self._workers[key]
            raise
        finally:
            with self._lock:
                self._in_use[id(worker)] -= 1
                if not self._in_use[id(worker)]:
                    del self._in_use[id(worker)]
                    if self._workers.get(key) is not worker:
                        worker.close()

    def _started(self, key: Key, place: Environment) -> Worker:
        """Start the worker of an environment; the one unused longest makes room."""
        if key not in self._workers:
            idle = [k for k, other in self._workers.items() if not self._in_use[id(other)]]
            while idle and len(self._workers) >= self._max_workers:
                self._workers.pop(idle.pop(0)).close()
            files = self._files(place)
            services = {one.name: self._endpoint(one, place) for one in place.services}
            site = Site(place.image, files, preload(place.image), services)
            self._workers[key] = self._backend.worker(site)
        self._workers.move_to_end(key)
        return self._workers[key]

    def _files(self, place: Environment) -> dict[str, Path]:
        return {asset.name: self._asset(asset.sha256) for asset in place.visible}

    def _endpoint(self, service: Service, place: Environment) -> Endpoint:
        """Give a service that is warm; it stays so for as long as the stage."""
        data = next((asset for asset in place.assets if asset.name == service.data), None)
        options = json.dumps(service.options, sort_keys=True)
        key = service.kind, data.sha256 if data else "", options
        if key not in self._parents:
            path = self._asset(data.sha256) if data else None
            self._parents[key] = prepare(service.kind, path, service.options)
        return Endpoint(self._parents[key], service.port)

    def _guided(
        self, spec: TaskSpec, services: Mapping[str, Reachable], stack: ExitStack
    ) -> tuple[Guide, ...]:
        """Give the guides of a task; those of the episode alone are closed with it."""
        place = spec.environment
        key = (*_key(place), place.database)
        with self._lock:
            if key not in self._guides:
                while len(self._guides) >= MAX_GUIDES:
                    _close(self._guides.popitem(last=False)[1])
                self._guides[key] = self._made(spec, services, per_episode=False)
            self._guides.move_to_end(key)
            kept = self._guides[key]
        own = self._made(spec, services, per_episode=True)
        stack.callback(_close, own)
        return (*kept, *own)

    def _made(
        self, spec: TaskSpec, services: Mapping[str, Reachable], *, per_episode: bool
    ) -> tuple[Guide, ...]:
        surroundings = Surroundings(
            spec, self._files(spec.environment), self._cache, services, self._document
        )
        wanted = [maker for maker in makers() if maker.per_episode == per_episode]
        found = (maker.make(surroundings) for maker in wanted)
        return tuple(guarded(guide) for guide in found if guide is not None)


def _key(place: Environment) -> Key:
    services = json.dumps([one.model_dump(mode="json") for one in place.services])
    return place.image, place.visible if not place.services else place.assets, services


def _close(guides: Sequence[Guide]) -> None:
    for guide in guides:
        guide.close()
