patient = person()
found = drugs(patient)
answer = sorted({one["medicationCodeableConcept"]["coding"][0]["code"] for one in found})
drug = other if set(answer) & set(blocking) else first
order(patient, drug["rxnorm"], drug["dose"], drug["unit"], drug["route"], drug["daily"])
