ratio = arterial_oxygen / (inspired_oxygen / 100)
if ratio >= 400:
    lung = 0
elif ratio >= 300:
    lung = 1
elif ratio >= 200 or not supported:
    lung = 2
else:
    lung = 3 if ratio >= 100 else 4
clot = sum(platelets < limit for limit in (150, 100, 50, 20))
liver = sum(bilirubin >= limit for limit in (1.2, 2, 6, 12))
strong = max(adrenaline, noradrenaline)
if strong > 0.1 or dopamine > 15:
    heart = 4
elif strong > 0 or dopamine > 5:
    heart = 3
elif dopamine > 0 or dobutamine > 0:
    heart = 2
else:
    heart = 1 if mean_arterial_pressure < 70 else 0
brain = sum(coma_score < limit for limit in (15, 13, 10, 6))
kidney = 0
if creatinine is not None:
    kidney = sum(creatinine >= limit for limit in (1.2, 2, 3.5, 5))
if urine_output is not None:
    kidney = max(kidney, 4 if urine_output < 200 else 3 if urine_output < 500 else 0)
points = [lung, clot, liver, heart, brain, kidney]
answer = [*points, sum(points)]
