answer = round((sodium - chloride - bicarbonate - 12) / (24 - bicarbonate), 2)
