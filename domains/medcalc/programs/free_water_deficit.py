elderly = age >= 65
if age < 18:
    share = 0.6
elif sex == "male":
    share = 0.5 if elderly else 0.6
else:
    share = 0.45 if elderly else 0.5
answer = round(share * weight * (sodium - 140) / 140, 2)
