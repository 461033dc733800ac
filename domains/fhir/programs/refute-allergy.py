(found,) = [one for one in allergies(person()) if coded(one["code"], substance)]
terminology = "http://terminology.hl7.org/CodeSystem"
clinical = {"system": f"{terminology}/allergyintolerance-clinical", "code": "inactive"}
verified = {"system": f"{terminology}/allergyintolerance-verification", "code": "refuted"}
change(
    {
        **found,
        "clinicalStatus": {"coding": [clinical]},
        "verificationStatus": {"coding": [verified]},
    }
)
answer = found["recordedDate"]
