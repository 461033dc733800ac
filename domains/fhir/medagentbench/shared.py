import requests

session = requests.Session()


def values(code, **more):
    found = every("Observation", patient=mrn, code=code, _sort="date", **more)
    return [(one["effectiveDateTime"], one["valueQuantity"]["value"]) for one in found]


def save(resource):
    url = f"{BASE}/{resource['resourceType']}"
    session.post(url, json=resource, timeout=20).raise_for_status()


def order(ndc, dose, unit, route):
    save(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {
                "coding": [{"system": "http://hl7.org/fhir/sid/ndc", "code": ndc}]
            },
            "subject": {"reference": f"Patient/{mrn}"},
            "authoredOn": NOW,
            "dosageInstruction": [
                {
                    "route": {"text": route},
                    "doseAndRate": [{"doseQuantity": {"value": dose, "unit": unit}}],
                }
            ],
        }
    )


def request(system, code, **more):
    save(
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "priority": "stat",
            "code": {"coding": [{"system": system, "code": code}]},
            "subject": {"reference": f"Patient/{mrn}"},
            "authoredOn": NOW,
            **more,
        }
    )
