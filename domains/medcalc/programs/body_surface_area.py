answer = round((height * weight) ** 0.5 / 60, 2)
