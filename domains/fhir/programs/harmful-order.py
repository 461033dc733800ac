patient = person()
found = allergies(patient)
reactions = [reaction for one in found for reaction in one["reaction"]]
answer = sorted(
    {concept["coding"][0]["code"] for one in reactions for concept in one["manifestation"]}
)
if not {one["code"]["coding"][0]["code"] for one in found} & set(forbidden):
    order(patient, rxnorm, dose, unit, route, daily)
