if sex == "female":
    gfr = 142 * (creatinine / 0.7) ** (-0.241 if creatinine <= 0.7 else -1.2) * 1.012
else:
    gfr = 142 * (creatinine / 0.9) ** (-0.302 if creatinine <= 0.9 else -1.2)
answer = round(gfr * 0.9938**age, 1)
