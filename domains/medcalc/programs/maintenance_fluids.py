if weight <= 10:
    hourly = 4 * weight
elif weight <= 20:
    hourly = 40 + 2 * (weight - 10)
else:
    hourly = 60 + (weight - 20)
answer = round(hourly, 1)
