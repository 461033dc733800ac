if sex == "female":
    share = 0.45 if age >= 65 else 0.5
else:
    share = 0.5 if age >= 65 else 0.6
answer = round(share * weight * (sodium - 140) / 140, 2)
