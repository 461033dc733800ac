"""The manifest of a taskset: what was built, from what, with which choices, and the sums."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, JsonValue, model_validator

from taskkit.spec.base import Many, Name, Sha256, Spec
from taskkit.spec.task import Document

TASKSET_SCHEMA: Final = "taskkit/taskset/1"


class Source(Spec):
    """A source that the build read."""

    name: str
    """With its version, such as `MIMIC-III Clinical Database Demo 1.4`."""
    licence: str
    """SPDX expression, or the licence's name."""
    access: Literal["open", "credentialed"]
    """`credentialed`: the taskset holds data that may not be passed on."""
    sha256: Sha256
    """Digest of everything that was read, in a fixed order."""
    rows: dict[str, int] = Field(default_factory=dict)
    """Rows of each table that was read, whether they were wanted or not."""


class StoredAsset(Spec):
    """A data file of the taskset: assets/<sha256>."""

    name: Name
    """File name below /data."""
    sha256: Sha256
    """Digest of its bytes."""
    bytes: int = Field(ge=0)
    """Size."""
    rows: dict[str, int] = Field(default_factory=dict)
    """Rows of each table, where it is a database."""


class Counts(Spec):
    """Tasks, in all and by kind; each sum equals the total."""

    total: int = Field(ge=0)
    """All tasks."""
    by_split: dict[str, int] = Field(default_factory=dict)
    """Tasks of each split."""
    by_category: dict[str, int] = Field(default_factory=dict)
    """Tasks of each category."""


class Records(Spec):
    """Where every record that was read ended: read = tasks + the sum of rejected."""

    read: int = Field(ge=0)
    """Records read."""
    rejected: dict[str, int] = Field(default_factory=dict)
    """Records that became no task, by reason code; quarantine.jsonl has a line for each."""


class PublishedAnswers(Spec):
    """What became of the answers that came with the records: compared = agree + contradicted."""

    compared: int = Field(default=0, ge=0)
    """Answers that were recomputed and compared; 0 where the publisher gives queries alone."""
    agree: int = Field(default=0, ge=0)
    """Of these, answers that came out the same by the publisher's own rule."""
    contradicted: int = Field(default=0, ge=0)
    """Of these, answers that did not: in the quarantine as `label_disagrees`, by name, unless
    the build was told to trust them."""
    unread: int = Field(default=0, ge=0)
    """Answers that could not be compared: unreadable, or of a record that cannot be computed."""

    @model_validator(mode="after")
    def _sum(self) -> Self:
        if self.compared != self.agree + self.contradicted:
            raise ValueError(f"compared {self.compared}: need agree + contradicted")
        return self

    def __str__(self) -> str:
        return (
            f"published answers: {self.compared:,} compared, {self.agree:,} agree,"
            f" {self.contradicted:,} contradicted, {self.unread:,} not comparable"
        )


class TasksetManifest(Spec):
    """What a taskset holds; without a time, so that the same build gives the same bytes."""

    schema_version: Literal["taskkit/taskset/1"] = Field(alias="schema")
    """Version of this document's form."""
    domain: Name
    """The domain that built it."""
    taskkit: str
    """Version of taskkit."""
    builder: str
    """Name and version of the builder, such as `mimic 0.1.0`."""
    seed: int
    """Where every random choice comes from."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """The builder's options as they were in force."""
    sources: Many[Source] = ()
    """What was read."""
    counts: Counts
    """Tasks by split and category."""
    records: Records
    """Records read and rejected."""
    published: PublishedAnswers | None = None
    """What recomputing the publisher's answers gave; none of a set that is not made of published
    records."""
    left_out: Many[str] = ()
    """What of the sources no task is about, and why; a line each."""
    tasks_sha256: Sha256 | None = None
    """Digest of all tasks as they were written: a build over files changed by hand is refused."""
    images: Many[Name] = ()
    """Folders of images/ that tasks run in."""
    assets: Many[StoredAsset] = ()
    """Data files of assets/."""
    context: Many[Document] = ()
    """Documents of context/."""
