patients = everyone()
found = every("MedicationRequest", code=rxnorm, status="active")
taking = {one["subject"]["reference"] for one in found}
answer = sorted(number(patients[key]) for key in sick(snomed) & taking)
