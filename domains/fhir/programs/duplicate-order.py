patient = person()
answer = series(patient, loinc)[-1][1]
if not every("ServiceRequest", patient=patient["id"], code=loinc, status="active"):
    request(patient, "http://loinc.org", loinc)
