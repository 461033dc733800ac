"""MedAgentBench's records as tasks: published wording, and a state that is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from taskkit.build.draft import Desk, document
from taskkit.build.rejection import Rejection
from taskkit.fhir.bank import changes
from taskkit.fhir.bank.changes import Part
from taskkit.fhir.bank.making import BASE, PORT
from taskkit.fhir.element import values
from taskkit.fhir.index import Resource
from taskkit.fhir.medagentbench.files import Folder, Record
from taskkit.fhir.medagentbench.history import CODES, MISSING, NOW, observations, times
from taskkit.fhir.parts import parts
from taskkit.oracles.state import StateOracle
from taskkit.spec.answer import (
    AnswerSpec,
    Column,
    DateAnswer,
    IntegerAnswer,
    NoAnswer,
    NumberAnswer,
    StringAnswer,
    TableAnswer,
)
from taskkit.spec.environment import Asset, Environment, Service
from taskkit.spec.task import TaskSpec

STORE = "medagentbench.sqlite"
FUNCTIONS = "What the server offers"
CITATION = (
    "Jiang et al., MedAgentBench: a virtual EHR environment to benchmark medical LLM agents, "
    "NEJM AI (2025)"
)
PRIORITY = "stat"  # "Use stat" say the published functions
MORNING = "2023-11-14T08:00:00+00:00"
NUMBER = NumberAnswer(kind="number")
NAMED = TableAnswer(
    kind="table",
    columns=(
        Column(name="patient", type=StringAnswer(kind="string")),
        Column(name="patients", type=IntegerAnswer(kind="integer")),
    ),
)
DATED = TableAnswer(
    kind="table",
    columns=(
        Column(name="value", type=NUMBER),
        Column(name="time", type=DateAnswer(kind="date"), nullable=True),
    ),
)
NOTHING_FOUND = "Patient not found"
LAST_MAGNESIUM = "the time of the last magnesium result on record, however long ago it is"
ADDED = {
    "task1": "Beside that, say how many patients on record have exactly this family name: answer "
    "with one row of both.",
    "task4": f"Give beside that number {LAST_MAGNESIUM}: answer with one row of both.",
    "task5": "Answer with one row: the level in mg/dL, -1 if none was recorded in the last 24 "
    f"hours, and {LAST_MAGNESIUM}.",
    "task9": "Answer with the potassium level.",
    "task10": "If no value is on record, order the test as well. Answer with one row: the value "
    "and the time of the result; -1 and null if there is none.",
}
"""What the published texts leave open, and what keeps an answer that they name themselves from
being right alone: magnesium is -1 in 35 of 60 tasks."""


@dataclass(frozen=True)
class Bench:
    """What all tasks of a folder share."""

    desk: Desk
    folder: Path
    """Of the domain."""
    sha256: str
    functions: str
    born: Mapping[str, str]
    """Date of birth by medical record number."""
    magnesium: Mapping[str, str]
    """Time of the last result by medical record number."""
    families: Counter[str]
    """Patients by family name."""

    @classmethod
    def of(cls, desk: Desk, folder: Path, sha256: str, files: Folder) -> Bench:
        """What the tasks of a published folder share.

        Args:
            folder: Of the domain.
            sha256: Of the store.
        """
        born = {str(one["id"]): str(one["birthDate"]) for one in files.patients}
        names = [{str(one) for one in values(each, "name.family")} for each in files.patients]
        families = Counter(one for found in names for one in found)
        magnesium = times(files.records, "MG")
        return cls(desk, folder, sha256, files.functions, born, magnesium, families)

    def environment(self) -> Environment:
        """The server beside the agent, as lenient as the published one."""
        options = {
            "now": NOW.isoformat(), "port": PORT, "page": 100, "most": 5000, "lenient": True,
        }  # fmt: skip
        service = Service.model_validate(
            {"name": "fhir", "kind": "fhir", "port": PORT, "data": STORE, "options": options}
        )
        asset = Asset(name=STORE, sha256=self.sha256, reader="judge")
        return Environment(
            image=self.desk.image, assets=(asset,), services=(service,), network="services"
        )


def resources(folder: Folder) -> list[Resource]:
    """All resources of the store: patients, other real ones, and the made-up values."""
    known = {str(one["id"]) for one in folder.patients}
    kept = [one for one in folder.others if owner(one) in known and not audited(one)]
    found = [*folder.patients, *kept, *observations(folder.records)]
    return sorted(found, key=lambda one: (str(one["resourceType"]), str(one["id"])))


def owner(resource: Resource) -> str:
    """The patient of a resource."""
    subject = resource.get("subject")
    target = subject.get("reference") if isinstance(subject, dict) else ""
    return str(target).removeprefix("Patient/")


def audited(resource: Resource) -> bool:
    """Whether a resource is a value that the audited ones stand for."""
    codes = {str(one) for one in codes_of(resource)}
    return resource["resourceType"] == "Observation" and bool(codes & set(CODES))


def codes_of(resource: Resource) -> list[Any]:
    """The codes of a resource."""
    return values(resource, "code.coding.code")


def tasks(bench: Bench, records: Sequence[Record]) -> Iterator[TaskSpec | Rejection]:
    """The tasks of records."""
    for one in records:
        if one.patient is not None and one.patient not in bench.born:
            yield Rejection(one.id, "missing_value", f"no patient {one.patient}")
            continue
        yield task(bench, one)


def task(bench: Bench, record: Record) -> TaskSpec:
    """The task of a record."""
    answer, value = wanted(record, bench)
    oracle: dict[str, Any] = {"kind": "state", "service": "fhir", "changes": list(made(record))}
    if value is not None:
        oracle["value"] = {"kind": "exact", "expected": value}
    if value is not None and isinstance(answer, NumberAnswer):
        slack = 0.1 if record.template == "task6" else 0.0
        oracle["value"] |= {"kind": "numeric", "tolerance": {"absolute": slack}}
    place = f"The FHIR server is at {BASE}."
    parts = (record.instruction, record.context, ADDED.get(record.template, ""), place)
    return bench.desk.draft(
        "\n\n".join(part for part in parts if part),
        answer,
        StateOracle.model_validate(oracle),
        program(bench.folder, record),
        category=record.template,
        record=record.id,
        split="test",
        environment=bench.environment(),
        context=(document(FUNCTIONS, bench.functions),),
    )


def wanted(record: Record, bench: Bench) -> tuple[AnswerSpec, Any]:
    """The type of the answer, and its value."""
    said = record.audited
    match record.template:
        case "task1":
            found = said.get("stored_sol") or [NOTHING_FOUND]
            return NAMED, [[found[0], bench.families[name(record)[1]]]]
        case "task2":
            return IntegerAnswer(kind="integer"), age(bench.born[str(record.patient)])
        case "task3" | "task8":
            return NoAnswer(kind="none"), None
        case "task4" | "task5":
            return DATED, [[magnesium(record), bench.magnesium[str(record.patient)]]]
        case "task6" | "task7":
            return NUMBER, said["live_ref_sol_approx"][0]
        case "task9":
            return NUMBER, said["live_latest_K"]
    return DATED, [row(said)]


def magnesium(record: Record) -> float:
    """The last magnesium of the last day; `MISSING` where there is none."""
    said = record.audited
    value = said["live_ref_sol"][0] if record.template == "task4" else said["live_latest_24h"]
    return MISSING if value is None else float(value)


def row(said: Any) -> list[Any]:
    """The last HbA1c and its time."""
    if said["live_last_iso"] is None:
        return [MISSING, None]
    return [said["live_ref_sol"][0], said["live_last_iso"][:19].replace("T", " ")]


def age(text: str) -> int:
    """Whole years on the day of the episodes."""
    birth = date.fromisoformat(text)
    return NOW.year - birth.year - ((NOW.month, NOW.day) < (birth.month, birth.day))


def made(record: Record) -> Iterator[Part]:
    """What has to change; payloads as published and as valid R4 are both accepted."""
    subject = f"Patient/{record.patient}"
    said = record.audited
    match record.template:
        case "task3":
            yield pressure(subject)
        case "task5" if (value := said["live_latest_24h"]) is not None and value < 2:
            dose = 4 if value < 1 else 2 if value < 1.5 else 1
            yield drug(subject, "0338-1715-40", dose, "g", ("IV", "47625008"))
        case "task8":
            yield referral(record, subject)
        case "task9" if (value := said["live_latest_K"]) < 3.5:
            dose = round((3.5 - value) * 100, 6)
            yield drug(subject, "40032-917-01", dose, "meq", ("oral", "26643006"))
            yield laboratory(subject, "2823-3", due=MORNING)
        case "task10" if row(said)[1] is None or said["branch"].startswith("stale"):
            yield laboratory(subject, "4548-4")


def pressure(subject: str) -> Part:
    """A blood pressure as one text, or by its components."""
    part = "component.where(code.coding.code='{}').valueQuantity"
    return changes.created(
        "Observation",
        changes.value("status", "final"),
        changes.either(
            [changes.value("code.text", "BP", "bp")],
            [changes.code("code", "BP", "85354-9")],
        ),
        changes.code("category", "vital-signs"),
        changes.reference("subject", subject),
        changes.moment("effectiveDateTime", NOW, slack_s=60),
        changes.either(
            [changes.value("valueString", "118/77 mmHg", "118/77")],
            [
                changes.quantity(part.format("8480-6"), 118, "mm[Hg]"),
                changes.quantity(part.format("8462-4"), 77, "mm[Hg]"),
            ],
        ),
        free=("code", "component.code"),
    )


def drug(subject: str, ndc: str, dose: float, unit: str, route: tuple[str, str]) -> Part:
    """An order of a drug; the route as a text or as a concept."""
    name, code = route
    words = (name, name.lower(), name.upper(), name.capitalize())
    path = "dosageInstruction.route"
    return changes.created(
        "MedicationRequest",
        changes.value("status", "active"),
        changes.value("intent", "order"),
        changes.code("medicationCodeableConcept", ndc),
        changes.reference("subject", subject),
        changes.moment("authoredOn", NOW, slack_s=60),
        changes.count("dosageInstruction", 1),
        changes.quantity("dosageInstruction.doseAndRate.doseQuantity", dose, unit, slack=0.1),
        changes.either(
            [changes.value(path, *words)],
            [changes.value(f"{path}.text", *words)],
            [changes.code(path, name, code)],
        ),
        free=("dosageInstruction.doseAndRate.rateQuantity", path, "dosageInstruction.timing"),
    )


def laboratory(subject: str, loinc: str, *, due: str | None = None) -> Part:
    """An order of a laboratory test."""
    parts = [
        changes.value("status", "active"),
        changes.value("intent", "order"),
        changes.value("priority", PRIORITY),
        changes.code("code", loinc),
        changes.reference("subject", subject),
        changes.moment("authoredOn", NOW, slack_s=60),
    ]
    if due is not None:
        parts.append(changes.moment("occurrenceDateTime", due))
    return changes.created("ServiceRequest", *parts)


def referral(record: Record, subject: str) -> Part:
    """A referral with the free text of the instruction."""
    text = record.instruction.split('"')[1]
    return changes.created(
        "ServiceRequest",
        changes.value("status", "active"),
        changes.value("intent", "order"),
        changes.value("priority", PRIORITY),
        changes.code("code", "306181000000106"),
        changes.reference("subject", subject),
        changes.moment("authoredOn", NOW, slack_s=60),
        changes.value("note.text", text),
        free=("occurrenceDateTime",),
    )


def name(record: Record) -> tuple[str, str, str]:
    """Given name, family name and date of birth that a question asks for."""
    words, _, rest = record.instruction.partition("with name ")[2].partition(" and DOB of ")
    return words.split()[0], words.split()[-1], rest[:10]


def program(folder: Path, record: Record) -> str:
    """The reference of a record."""
    head, functions = parts(folder / "medagentbench/shared.py")
    own = (folder / f"medagentbench/{record.template}.py").read_text(encoding="utf-8")
    told: dict[str, Any] = {"BASE": BASE, "NOW": NOW.isoformat(), "mrn": record.patient}
    if record.template == "task1":
        given, family, born = name(record)
        told |= {"given": given, "family": family, "born": born}
    if record.template == "task8":
        told["text"] = record.instruction.split('"')[1]
    if record.template == "task9":
        told["due"] = MORNING
    told["day"] = (NOW - timedelta(hours=24)).isoformat()
    lines = [f"{name} = {value!r}" for name, value in told.items()]
    shared = "\n\n\n".join([head, *functions])
    return "\n".join([*lines, "", f"{shared}\n", own])
