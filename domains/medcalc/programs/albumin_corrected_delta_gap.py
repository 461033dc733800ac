answer = round(sodium - chloride - bicarbonate + 2.5 * (4 - albumin) - 12, 1)
