patient = person()
last = series(patient, loinc)[-1][1]
quantity = {"value": taken, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
save(
    "Observation",
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "effectiveDateTime": at,
        "valueQuantity": quantity,
    },
)
answer = taken - last
