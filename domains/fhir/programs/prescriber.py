reference = taken(person(), rxnorm)["requester"]["reference"]
doctor = session.get(f"{BASE}/{reference}", timeout=20).json()
answer = doctor["identifier"][0]["value"]
