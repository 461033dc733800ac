found = drugs(person())
answer = sorted({one["medicationCodeableConcept"]["coding"][0]["code"] for one in found})
