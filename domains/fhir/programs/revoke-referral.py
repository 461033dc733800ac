(found,) = every("ServiceRequest", patient=person()["id"], code=specialty, status="active")
change({**found, "status": "revoked"})
doctor = session.get(f"{BASE}/{found['requester']['reference']}", timeout=20).json()
answer = doctor["identifier"][0]["value"]
