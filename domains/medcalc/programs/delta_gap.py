answer = round(sodium - chloride - bicarbonate - 12, 1)
