found = taken(person(), rxnorm)
change({**found, "status": "stopped"})
answer = minute(found["authoredOn"])
