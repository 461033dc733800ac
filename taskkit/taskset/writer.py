"""Writes a taskset beside the old one, and takes its place when it is whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, get_args

from taskkit.errors import MissingError, SpecError, UsageError
from taskkit.spec.document import dump
from taskkit.spec.environment import Asset
from taskkit.spec.image import DOCKERFILE, content
from taskkit.spec.manifest import Counts, StoredAsset, TasksetManifest
from taskkit.spec.quarantine import QuarantineLine, dump_line
from taskkit.spec.schema import write_schemas
from taskkit.spec.task import Document, Split
from taskkit.taskset.atomic_folder import AtomicFolder, disk, remove_tree
from taskkit.taskset.digest import file_sha256, tasks_sha256
from taskkit.taskset.folder import MANIFEST, QUARANTINE, changed_by_hand

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SPLITS = frozenset(get_args(Split))


class TasksetWriter:
    """A taskset that is written; leaving it without `finish` leaves the old one as it was."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        """Plan it.

        Args:
            force: Replace a taskset though files of it were changed by hand.
        """
        self.path, self._force = path, force
        self._folder = AtomicFolder(path)
        self._root = self._folder.partial
        self.workdir = self._root / ".work"
        """Scratch space on the same disk; gone after the build."""
        self._exit = ExitStack()
        self._tasks: dict[str, str] = {}  # id to split/category
        self._digests: dict[str, bytes] = {}  # of documents, by their paths below tasks/
        self._folders: set[str] = set()
        self._assets: dict[str, StoredAsset] = {}
        self._documents: dict[str, Document] = {}
        self._images: set[str] = set()
        self._rejected: Counter[str] = Counter()
        self._quarantine: BinaryIO

    def __enter__(self) -> Self:
        """Take the place.

        Raises:
            UsageError: what stands there is no taskset, or another build is writing it.
            MissingError: the folder cannot be written.
        """
        with ExitStack() as stack, disk(self.path):
            self._folder.path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(self._folder.locked())
            self._folder.clean()
            self._refuse_foreign()
            stack.callback(remove_tree, self._root)
            self.workdir.mkdir(parents=True)
            quarantine = (self._root / QUARANTINE).open("wb")
            self._quarantine = stack.enter_context(quarantine)
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def _refuse_foreign(self) -> None:
        path = self._folder.path
        if path.is_dir() and (path / MANIFEST).is_file():
            changed = None if self._force else changed_by_hand(path)
            if changed is not None:
                raise UsageError(
                    f"{changed}: changed by hand since it was built: give --force to replace the"
                    " taskset, or another folder as --out"
                )
            return
        if path.is_dir() and not any(path.iterdir()):
            return
        if path.exists():
            what = "holds other files" if path.is_dir() else "not a folder"
            raise UsageError(f"{self.path}: {what}: name an empty folder, a new one or a taskset")

    def write(self, document: bytes, split: str, category: str, id: str) -> None:
        """Write the document of a task.

        Raises:
            SpecError: the id is taken, or a name is not safe as a file's.
            MissingError: the disk is full.
        """
        if split not in _SPLITS or not _NAME.fullmatch(category) or not _NAME.fullmatch(id):
            raise SpecError(f"{split!r}, {category!r}, {id!r}: need a split and two safe names")
        if id in self._tasks:
            raise SpecError(
                f"{id}: two tasks of this id, in {self._tasks[id]} and {split}/{category}"
            )
        folder = f"{split}/{category}"
        path = f"{self._root}/tasks/{folder}/{id}.yaml"
        with disk(self.path):
            if folder not in self._folders:
                Path(path).parent.mkdir(parents=True)
                self._folders.add(folder)
            with open(path, "xb") as file:  # noqa: PTH123 a third faster; 50,000 times
                file.write(document)
        self._tasks[id] = folder
        self._digests[f"{folder}/{id}.yaml"] = hashlib.sha256(document).digest()

    def remove(self, split: str, category: str, id: str) -> None:
        """Take a task out again; the caller puts its record into the quarantine.

        Raises:
            SpecError: no such task was written.
        """
        if self._tasks.get(id) != f"{split}/{category}":
            raise SpecError(f"{id}: no such task in {split}/{category}: it cannot be removed")
        with disk(self.path):
            file = f"{self._tasks.pop(id)}/{id}.yaml"
            (self._root / "tasks" / file).unlink()
            del self._digests[file]

    def quarantine(self, line: QuarantineLine) -> None:
        """Put a record aside, for a reason that docs/quarantine.md explains."""
        with disk(self.path):
            self._quarantine.write(dump_line(line))
        self._rejected[line.code] += 1

    def add_asset(self, name: str, path: Path, *, rows: Mapping[str, int] | None = None) -> Asset:
        """Store a data file: linked where it lies in `workdir`, else copied.

        Args:
            name: The file's name below /data.
            path: Where it lies.
            rows: Of a database, the rows of its tables, for the manifest.

        Raises:
            SourceError: the file cannot be read.
            MissingError: the disk is full.
        """
        folder = self._root / "assets"
        own = path.resolve().is_relative_to(self.workdir.resolve())
        with disk(self.path):
            folder.mkdir(exist_ok=True)
            new = folder / ".new"
            new.unlink(missing_ok=True)
            if own:
                os.link(path, new)
            else:
                shutil.copyfile(path, new)
            new.chmod(0o444)
            digest = file_sha256(new)
            new.replace(folder / digest)
            size = (folder / digest).stat().st_size
        self._assets[name] = StoredAsset(
            name=name, sha256=digest, bytes=size, rows=dict(sorted((rows or {}).items()))
        )
        return Asset(name=name, sha256=digest)

    def add_document(self, title: str, text: str) -> Document:
        """Store a document for the agent."""
        data = text.encode()
        digest = hashlib.sha256(data).hexdigest()
        with disk(self.path):
            folder = self._root / "context"
            folder.mkdir(exist_ok=True)
            (folder / f"{digest}.md").write_bytes(data)
        self._documents[title] = Document(name=title, sha256=digest)
        return self._documents[title]

    def add_image(self, name: str, folder: Path) -> None:
        """Store what an image is made from, its Dockerfile included.

        Raises:
            UsageError: there is neither a manifest nor a Dockerfile in the folder.
        """
        files = content(folder)
        if DOCKERFILE not in files or not _NAME.fullmatch(name):
            what = "need a folder with image.yaml or a Dockerfile"
            raise UsageError(f"{folder}: no image {name!r}: {what}")
        with disk(self.path):
            for part, data in files.items():
                target = self._root / "images" / name / part
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        self._images.add(name)

    @property
    def counts(self) -> Counts:
        """Tasks written and not removed."""
        folders = Counter(self._tasks.values())
        splits: Counter[str] = Counter()
        categories: Counter[str] = Counter()
        for folder, count in sorted(folders.items()):
            split, _, category = folder.partition("/")
            splits[split] += count
            categories[category] += count
        return Counts(
            total=len(self._tasks),
            by_split=dict(sorted(splits.items())),
            by_category=dict(sorted(categories.items())),
        )

    @property
    def rejected(self) -> dict[str, int]:
        """Records put aside, by reason code."""
        return dict(sorted(self._rejected.items()))

    @property
    def assets(self) -> tuple[StoredAsset, ...]:
        """Data files stored, by name."""
        return tuple(asset for _, asset in sorted(self._assets.items()))

    @property
    def documents(self) -> tuple[Document, ...]:
        """Documents stored, by title."""
        return tuple(document for _, document in sorted(self._documents.items()))

    @property
    def images(self) -> tuple[str, ...]:
        """Images stored, by name."""
        return tuple(sorted(self._images))

    def finish(self, manifest: TasksetManifest) -> None:
        """Write the manifest, and put the taskset in the place of the old one.

        What was stored (images, assets, documents) is filled in.

        Raises:
            SpecError: the manifest's sums are not those of what was written.
            MissingError: the disk is full, or files of it were deleted; the old taskset is
                untouched.
        """
        read, rejected = manifest.records.read, sum(manifest.records.rejected.values())
        if manifest.counts != self.counts or manifest.records.rejected != self.rejected:
            raise SpecError(f"{self.path}: the manifest's counts are not those of what was written")
        if read != self.counts.total + rejected:
            raise SpecError(
                f"{self.path}: {read} records read, but {self.counts.total} tasks"
                f" and {rejected} rejected: a record was lost or counted twice"
            )
        self._require_whole()
        with disk(self.path):
            self._quarantine.close()
            write_schemas(self._root / "schemas")
            remove_tree(self.workdir)
            self._drop_empty()
            stored = {"images": self.images, "assets": self.assets, "context": self.documents}
            whole = {**stored, "tasks_sha256": tasks_sha256(self._digests)}
            data = dump(manifest.model_copy(update=whole), schema="schemas/taskset.json")
            (self._root / MANIFEST).write_bytes(data)
            self._folder.replace()

    def _require_whole(self) -> None:
        """Raise a `MissingError` where somebody deleted what was written."""
        files = [self._root / QUARANTINE, *(self._root / "tasks" / one for one in self._digests)]
        gone = next((path for path in files if not path.exists()), None)
        if gone is not None:
            raise MissingError(f"{gone}: deleted while the build wrote it: build again")

    def _drop_empty(self) -> None:
        """Remove the folders whose tasks were all removed."""
        for folder in self._folders - set(self._tasks.values()):
            category = self._root / "tasks" / folder
            category.rmdir()
            if not any(category.parent.iterdir()):
                category.parent.rmdir()
