ideal = (50 if sex == "male" else 45.5) + 2.3 * (height / 2.54 - 60)
answer = round(0.6 * ideal + 0.4 * weight, 1)
