patient = person()
if not any(coded(one["code"], substance) for one in allergies(patient)):
    terminology = "http://terminology.hl7.org/CodeSystem"
    clinical = {"system": f"{terminology}/allergyintolerance-clinical", "code": "active"}
    verified = {"system": f"{terminology}/allergyintolerance-verification", "code": "confirmed"}
    save(
        "AllergyIntolerance",
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [clinical]},
            "verificationStatus": {"coding": [verified]},
            "criticality": risk,
            "code": {"coding": [{"system": system, "code": substance}]},
            "patient": {"reference": f"Patient/{patient['id']}"},
            "reaction": [
                {
                    "manifestation": [
                        {"coding": [{"system": "http://snomed.info/sct", "code": reaction}]}
                    ],
                    "severity": severity,
                }
            ],
        },
    )
answer = practitioner(patient)["identifier"][0]["value"]
