import math

answer = round(qt * math.exp(math.log(heart_rate / 60) / 3), 1)
