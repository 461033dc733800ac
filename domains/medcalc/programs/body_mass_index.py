metres = height / 100
answer = round(weight / metres / metres, 2)
