found = set()
for one in every(kind, patient=person()["id"]):
    for coding in at(one, path).get("coding", []):
        if coding.get("system") == system and "code" in coding:
            found.add(coding["code"])
answer = sorted(found)
