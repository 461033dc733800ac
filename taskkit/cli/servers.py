"""What `verify --cross-check fhir:URL` does: a FHIR server of the user's own is asked too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import click

from taskkit.cli.screen import bars
from taskkit.errors import UsageError
from taskkit.fhir.export.client import Client
from taskkit.fhir.remote.comparison import Replaying, compare, reads
from taskkit.fhir.remote.loading import SYSTEM, load
from taskkit.spec.document import parse_task
from taskkit.taskset.folder import Taskset
from taskkit.verify.engine_results import EngineResult, Engines
from taskkit.verify.proof import Proving

PREFIX = "fhir:"


def perform(
    proving: Proving, verified: Mapping[str, str], jobs: int, url: str, *, fresh: bool, shown: bool
) -> Engines:
    """Load the stores of a taskset onto a server, and play there what its references read.

    Args:
        proving: The taskset, and how it is played.
        verified: Digest of the file of each verified instance, by its path below the taskset.
        jobs: Worker processes.
        url: The server's address.
        fresh: Forget what was found before.
        shown: Show progress.

    Raises:
        UsageError: no task reads a FHIR server, or they need several stores.
    """
    taskset = Taskset(proving.taskset)
    stores = set()
    for file in verified:
        spec = parse_task((proving.taskset / file).read_bytes(), proving.taskset / file)
        if reads(spec):
            names = {one.data for one in spec.environment.services}
            stores |= {one.sha256 for one in spec.environment.assets if one.name in names}
    if len(stores) != 1:
        raise UsageError(f"--cross-check {PREFIX}{url}: {len(stores)} stores to read: need one")
    (digest,) = stores
    click.echo(
        f"cross-check: writes the resources of the taskset's store to {url}, each tagged"
        f" {SYSTEM}|{digest[:40]}; nothing that is there is changed or deleted",
        err=True,
    )
    with closing(Client(url)) as client, bars(shown=shown) as bar:
        target = load(taskset.asset(digest), digest, client, bar)
        done = 0

        def watch(result: EngineResult) -> None:
            nonlocal done
            done += 1
            bar("cross-check on the FHIR server", done, None)

        replaying = Replaying(proving, {digest: target})
        return compare(replaying, verified, jobs, fresh=fresh, watch=watch)
