(doctor,) = every("Practitioner", identifier=staff)
own = every("Patient", **{"general-practitioner": doctor["id"]})
found = every("MedicationRequest", code=rxnorm, status="active")
taking = {one["subject"]["reference"] for one in found}
answer = sorted(number(one) for one in own if f"Patient/{one['id']}" in taking)
