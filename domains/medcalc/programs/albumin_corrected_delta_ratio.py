gap = sodium - chloride - bicarbonate + 10 - 2.5 * albumin
answer = round((gap - 12) / (24 - bicarbonate), 2)
