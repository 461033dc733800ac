patient, last = person(), series()[-1]
system, _, name = code.rpartition("|")
response = session.post(
    f"{BASE}/Observation",
    json={
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": name}]},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "effectiveDateTime": NOW,
        "valueQuantity": {
            "value": taken,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    },
    timeout=20,
)
response.raise_for_status()
answer = last
