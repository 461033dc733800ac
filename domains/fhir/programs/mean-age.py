patients = everyone()
ages = [age(patients[key]) for key in sick(snomed) if patients[key]["gender"] == gender]
answer = sum(ages) / len(ages)
