gfr = 175 / (creatinine**1.154 * age**0.203)
if sex == "female":
    gfr *= 0.742
if black:
    gfr *= 1.212
answer = round(gfr, 1)
