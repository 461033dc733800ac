def both(value, steps):
    """Points of the first band, outermost first, that holds the value."""
    for low, high, points in steps:
        if value < low or value >= high:
            return points
    return 0


far = float("inf")
total = 0
for limit, worth in ((45, 2), (55, 1), (65, 2), (75, 1)):
    total += worth if age >= limit else 0
if chronic_failure:
    total += 2 if admission == "elective surgery" else 5
total += both(temperature, ((30, 41, 4), (32, 39, 3), (34, far, 2), (36, 38.5, 1)))
total += both(mean_arterial_pressure, ((50, 160, 4), (-far, 130, 3), (70, 110, 2)))
total += both(heart_rate, ((40, 180, 4), (55, 140, 3), (70, 110, 2)))
total += both(respiratory_rate, ((6, 50, 4), (-far, 35, 3), (10, far, 2), (12, 25, 1)))
if inspired_oxygen >= 50:
    total += 4 if oxygen_gradient >= 500 else 3 if oxygen_gradient >= 350 else 0
    total += 2 if 200 <= oxygen_gradient < 350 else 0
else:
    total += 4 if arterial_oxygen < 55 else 3 if arterial_oxygen <= 60 else 0
    total += 1 if 60 < arterial_oxygen <= 70 else 0
total += both(ph, ((7.15, 7.7, 4), (7.25, 7.6, 3), (7.33, far, 2), (-far, 7.5, 1)))
total += both(sodium, ((111, 180, 4), (120, 160, 3), (130, 155, 2), (-far, 150, 1)))
total += both(potassium, ((2.5, 7, 4), (-far, 6, 3), (3, far, 2), (3.5, 5.5, 1)))
renal = both(creatinine, ((-far, 3.5, 4), (-far, 2, 3), (0.6, 1.5, 2)))
total += renal * 2 if acute_renal_failure else renal
total += both(haematocrit, ((20, 60, 4), (30, 50, 2), (-far, 46, 1)))
total += both(white_cells, ((1, 40, 4), (3, 20, 2), (-far, 15, 1)))
total += 15 - int(coma_score)
answer = total
