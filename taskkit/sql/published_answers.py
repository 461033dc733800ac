"""The answers that a publisher gives with its queries: recomputed, and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskkit.build.labels import Labelled
from taskkit.build.origin import Progress
from taskkit.build.rejection import Rejection
from taskkit.spec.manifest import PublishedAnswers
from taskkit.sql.questions.agreement import Agreement
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import compare_published
from taskkit.sql.site import Site

SAME_DATA = 0.9  # of the answers agree where the database is the one that they were made on
SHOWN = 500  # characters of an answer in the quarantine


@dataclass(frozen=True)
class Checked:
    """Records whose published answers were compared."""

    kept: Sequence[Published]
    contradicted: tuple[Rejection, ...]
    counts: PublishedAnswers
    notes: tuple[str, ...]


def checked(site: Site, records: Sequence[Published], progress: Progress) -> Checked:
    """Compare every published answer with the recomputed one; put aside what is contradicted.

    Where fewer than `SAME_DATA` agree, the database holds other data than the publisher's, and
    contradicts nothing.
    """
    given = [one for one in records if one.answer is not None and one.sql is not None]
    found: list[Agreement] = []
    for number, one in enumerate(given, 1):
        progress("compare published answers", number, len(given))
        if compared := compare_published(one, site.connection, site.options):
            found.append(compared)
    if not found:
        note = "the publisher gives queries and no answers: none was compared"
        return Checked(records, (), PublishedAnswers(), (note,))
    read = [one for one in found if one.read]
    agree = sum(one.agrees for one in read)
    share = f"{agree:,} of {len(read):,} published answers come out the same"
    if agree < SAME_DATA * len(read):
        note = f"{share}: they were made on other data, and contradict nothing here"
        return Checked(records, (), PublishedAnswers(unread=len(found)), (note,))
    wrong = {one.record: one for one in read if not one.agrees}
    counts = PublishedAnswers(
        compared=len(read), agree=agree, contradicted=len(wrong), unread=len(found) - len(read)
    )
    kept = [one for one in records if one.record not in wrong]
    return Checked(kept, tuple(map(rejection, wrong.values())), counts, (share,))


def rejection(one: Agreement) -> Rejection:
    """Put a record aside, with both answers."""
    answers = {"label": one.published[:SHOWN], "computed": one.recomputed[:SHOWN]}
    return Labelled(one.record, "published", "disagrees", **answers, party="label").rejection()
