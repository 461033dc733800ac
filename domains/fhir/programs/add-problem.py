patient = person()
found = problems(patient)
answer = min(one["onsetDateTime"] for one in found)[:10]
if not any(coded(one["code"], snomed) for one in found):
    terminology = "http://terminology.hl7.org/CodeSystem"
    save(
        "Condition",
        {
            "resourceType": "Condition",
            "clinicalStatus": {
                "coding": [{"system": f"{terminology}/condition-clinical", "code": "active"}]
            },
            "verificationStatus": {
                "coding": [{"system": f"{terminology}/condition-ver-status", "code": "confirmed"}]
            },
            "code": {
                "coding": [{"system": "http://snomed.info/sct", "code": snomed}],
                "text": name,
            },
            "subject": {"reference": f"Patient/{patient['id']}"},
            "onsetDateTime": onset,
        },
    )
