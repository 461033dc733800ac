patient = person()
found = every("Procedure", patient=patient["id"], code=snomed, status="completed")
answer = max(one["performedDateTime"] for one in found)
