from datetime import UTC, datetime

import requests

session = requests.Session()


def person():
    (patient,) = every("Patient", **criteria)
    return patient


def time(text):
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def series():
    found = every(
        "Observation",
        patient=person()["id"],
        code=code,
        status="final,amended,corrected",
    )
    found.sort(key=lambda one: time(one["effectiveDateTime"]))
    return [one["valueQuantity"]["value"] for one in found]


def at(resource, path):
    for name in path.split("."):
        resource = resource.get(name, {})
    return resource
