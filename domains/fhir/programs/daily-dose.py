(dosage,) = taken(person(), rxnorm)["dosageInstruction"]
dose = dosage["doseAndRate"][0]["doseQuantity"]["value"]
answer = dose * dosage["timing"]["repeat"]["frequency"]
