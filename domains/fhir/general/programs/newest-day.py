found = every(kind, patient=person()["id"])
answer = max(time(at(one, path)) for one in found).strftime("%Y-%m-%d")
