patient = person()
answer = ingredients(patient)
drug = other if set(answer) & set(blocking) else first
order(patient, drug["rxnorm"], drug["dose"], drug["unit"], drug["route"], drug["daily"])
