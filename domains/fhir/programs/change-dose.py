patient = person()
found = taken(patient, rxnorm)
(dosage,) = found["dosageInstruction"]
old = dosage["doseAndRate"][0]["doseQuantity"]["value"]
change({**found, "status": "stopped"})
order(patient, rxnorm, dose, unit, route, dosage["timing"]["repeat"]["frequency"])
answer = (dose - old) / old * 100
