patient = person()
answer = sorted({one["code"]["coding"][0]["code"] for one in allergies(patient)})
drug = other if set(answer) & set(forbidden) else first
order(patient, drug["rxnorm"], drug["dose"], drug["unit"], drug["route"], drug["daily"])
