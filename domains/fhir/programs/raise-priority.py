(found,) = every("ServiceRequest", patient=person()["id"], code=loinc, status="active")
change({**found, "priority": priority})
answer = found["occurrenceDateTime"]
