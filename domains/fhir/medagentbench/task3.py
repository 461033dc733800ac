save(
    {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "vital-signs",
                    }
                ]
            }
        ],
        "code": {"text": "BP"},
        "subject": {"reference": f"Patient/{mrn}"},
        "effectiveDateTime": NOW,
        "valueString": "118/77 mmHg",
    }
)
