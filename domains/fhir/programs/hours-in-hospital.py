(stay,) = every("Encounter", **{"patient": person()["id"], "status": "in-progress", "class": "IMP"})
answer = (now - time(stay["period"]["start"])).total_seconds() / 3600
