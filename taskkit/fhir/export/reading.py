"""The resources of an export: each line validated, what does not fit put aside by file and line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from taskkit.build.origin import Progress, silent
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.fhir import validation
from taskkit.fhir.element import values
from taskkit.fhir.errors import RefusedError
from taskkit.fhir.export.files import Export, File, lines
from taskkit.fhir.export.links import Links
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import interval
from taskkit.fhir.parameters import types

HAPPENED = (
    "effectiveDateTime", "effectivePeriod.start", "issued", "period.start", "recordedDate",
    "authoredOn", "performedDateTime", "performedPeriod.start", "occurrenceDateTime",
)  # fmt: skip
"""Elements that say when something was; what is planned does not count."""
PLANNED = (
    "Appointment",
    "Slot",
    "Schedule",
    "CarePlan",
    "Goal",
    "Coverage",
    "Task",
    "ServiceRequest",
)
STEP = 500  # lines between two words of progress
MOST_BAD = 0.5  # of a file's first lines; more, and the file is not what it seems
TRIED = 200  # lines after which that is looked at


@dataclass
class Reading:
    """What was found in an export."""

    links: Links
    bad: dict[str, set[int]] = field(default_factory=dict)
    """Lines that are put aside, by file."""
    rejections: list[Rejection] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)
    """Resources by type."""
    strange: Counter[str] = field(default_factory=Counter)
    """Resources of types that the server does not keep."""
    latest: int = 0
    """When the last thing happened, milliseconds since 1970."""
    sha256: str = ""

    def put_aside(self, place: str, number: int, said: str) -> None:
        """Quarantine a line."""
        self.bad.setdefault(place, set()).add(number)
        self.rejections.append(Rejection(f"{place}:{number}", "malformed_record", said))


def examine(export: Export, *, renumber: bool, progress: Progress = silent) -> Reading:
    """Read all files once: what is valid, and which resources there are.

    Raises:
        SourceError: a file is not what its name or the manifest says.
    """
    reading = Reading(Links(renumber=renumber))
    total = hashlib.sha256()
    done = 0
    for file in export.files:
        seen = 0
        for number, line in lines(file.path):
            total.update(line)
            seen += 1
            if done % STEP == 0:
                progress("reading resources", done, None)
            done += 1
            take(reading, file, number, line)
            wrong = len(reading.bad.get(file.path.name, ()))
            if wrong > TRIED * MOST_BAD and wrong > seen * MOST_BAD:
                first = next(
                    one for one in reading.rejections
                    if one.record.startswith(f"{file.path.name}:")
                )  # fmt: skip
                raise SourceError(
                    f"{file.path}: {wrong} of {seen} lines are no valid resources: "
                    f"{first.record}: {first.detail}"
                )
        if file.count is not None and file.count != seen:
            raise SourceError(
                f"{file.path}: {seen:,} lines: need {file.count:,}, as the manifest says"
            )
    reading.sha256 = total.hexdigest()
    if not reading.kept:
        raise SourceError(f"{export.files[0].path.parent}: no resource that the server keeps")
    return reading


def take(reading: Reading, file: File, number: int, line: bytes) -> None:
    """Take one line."""
    place = file.path.name
    try:
        document = validation.resource(line)
    except RefusedError as error:
        foreign(file, number, str(error))
        reading.put_aside(place, number, str(error))
        return
    kind, id_ = document.get("resourceType"), document.get("id")
    if kind != file.type:
        said = f"resourceType {kind!r}: need {file.type!r}"
        foreign(file, number, said)
        reading.put_aside(place, number, said)
        return
    if kind not in types():
        reading.strange[str(kind)] += 1
        return
    if not (isinstance(id_, str) and validation.ID.fullmatch(id_)):
        reading.put_aside(place, number, f"id {id_!r}: need 1 to 64 of A-Z a-z 0-9 - .")
        return
    issue = next(validation.faults(document), None)
    earlier = reading.links.places.get((file.type, id_))
    if issue is not None:
        reading.put_aside(place, number, issue.text)
    elif earlier is not None:
        reading.put_aside(place, number, f"{kind}/{id_}: stands already in {earlier}")
    else:
        reading.kept[file.type] += 1
        reading.links.add(document, f"{place}:{number}")
        reading.latest = max(reading.latest, happened(document))


def happened(document: Resource) -> int:
    """The last time that a resource says something was, milliseconds since 1970; 0 for none."""
    if document["resourceType"] in PLANNED:
        return 0
    found = [str(value) for path in HAPPENED for value in values(document, path)]
    return max((interval(one)[0] for one in found), default=0)


def foreign(file: File, number: int, said: str) -> None:
    """Refuse a file whose first line is no resource of its type: it is of another kind.

    Raises:
        SourceError: it is.
    """
    if number == 1:
        raise SourceError(
            f"{file.path}:1: {said}: need NDJSON, one {file.type or 'FHIR resource'} a line"
        )


def resources(export: Export, reading: Reading) -> Iterator[Resource]:
    """The resources that are kept, their references made relative to the store."""
    for file in export.files:
        if file.type not in types():
            continue
        bad = reading.bad.get(file.path.name, set())
        for number, line in lines(file.path):
            if number not in bad:
                document = cast(Resource, json.loads(line))
                yield reading.links.rewritten(document)
