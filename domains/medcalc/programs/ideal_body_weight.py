over = height / 2.54 - 60
answer = round((45.5 if sex == "female" else 50.0) + 2.3 * over, 1)
