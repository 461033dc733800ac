"""The part of a report that says which labels of the source stand."""

from __future__ import annotations

from taskkit.build.labels import Labelled, Labels, of_evidence
from taskkit.report.page import Section, Table
from taskkit.taskset.folder import Taskset

COLUMNS = ("category", "records", "agree", "disagree", "not computable", "causes")
LISTED = 500  # labels shown one by one


def section(taskset: Taskset) -> Section | None:
    """Give the labels that do not stand, by category and one by one; None where there are none.

    What is quarantined says so itself; a task is there because its label agrees, or is trusted.
    """
    published = taskset.manifest.published
    if published is None:
        return None
    wrong = [
        found
        for line in taskset.quarantine()
        if line.evidence and (found := of_evidence(line.record, line.evidence))
    ]
    if not wrong:
        return Section("Labels", f"{published}.")
    made = Labels()
    for category, count in taskset.manifest.counts.by_category.items():
        for _ in range(count):
            made.add(Labelled("", category, "agrees"))
    for one in wrong:
        made.add(one)
    text = f"{published}. {made.unexplained:,} disagree without a known cause."
    each = Table(
        ("record", "category", "label", "computed", "cause"),
        [(one.record, one.category, one.label, one.computed, one.cause) for one in wrong[:LISTED]],
        (2, 3),
    )
    return Section(
        "Labels",
        text,
        Table(COLUMNS, list(made.rows()), range(1, 5)),
        summary=f"The first {len(wrong[:LISTED]):,} one by one",
        each=each,
    )
