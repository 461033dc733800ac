answer = round(calcium + 0.8 * (4.0 - albumin), 2)
