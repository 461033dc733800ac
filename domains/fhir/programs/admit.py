patient = person()
last = series(patient, loinc)[-1][1]
subject = {"reference": f"Patient/{patient['id']}"}
stay = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "subject": subject,
    "period": {"start": NOW},
}
weight = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
    "subject": subject,
    "encounter": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
    "effectiveDateTime": NOW,
    "valueQuantity": {
        "value": taken,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
}
bundle = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "resource": stay,
            "request": {"method": "POST", "url": "Encounter"},
        },
        {"resource": weight, "request": {"method": "POST", "url": "Observation"}},
    ],
}
session.post(BASE, json=bundle, timeout=20).raise_for_status()
answer = (taken - last) / last * 100
