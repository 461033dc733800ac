inches = height / 2.54
ideal = (50 if sex == "male" else 45.5) + 2.3 * (inches - 60)
index = weight / (height / 100) ** 2
if index < 18.5:
    used = weight
elif index < 25:
    used = min(ideal, weight)
else:
    used = ideal + 0.4 * (weight - ideal)
clearance = (140 - age) * used / (72 * creatinine)
if sex == "female":
    clearance *= 0.85
answer = round(clearance, 1)
