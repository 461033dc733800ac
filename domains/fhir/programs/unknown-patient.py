found = every("Patient", **{"given:exact": given, "family:exact": family})
answer = sorted({one["birthDate"] for one in found})
for patient in found:
    if patient["birthDate"] == born:
        request(patient, "http://loinc.org", loinc)
