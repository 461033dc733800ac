if age < 18 or (sex == "male" and age < 65):
    share = 0.6
elif sex == "male" or age < 65:
    share = 0.5
else:
    share = 0.45
answer = round(share * weight * (sodium - 140) / 140, 2)
