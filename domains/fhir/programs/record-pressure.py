patient = person()
high, low = pressures(patient)[-1]
parts = [
    {
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {
            "value": value,
            "unit": "mm[Hg]",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
        },
    }
    for code, value in (("8480-6", systolic), ("8462-4", diastolic))
]
save(
    "Observation",
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "effectiveDateTime": NOW,
        "component": parts,
    },
)
answer = (systolic - diastolic) - (high - low)
