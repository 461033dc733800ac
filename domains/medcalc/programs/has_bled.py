points = []
for sign in (
    "hypertension",
    "renal_disease",
    "liver_disease",
    "stroke",
    "bleeding",
    "labile_inr",
    "medication",
):
    points.append(1 if sign in findings else 0)
points += [1 if age > 65 else 0, 1 if drinks >= 8 else 0]
answer = [*points, sum(points)]
