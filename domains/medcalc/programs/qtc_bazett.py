import math

answer = round(qt * math.sqrt(heart_rate / 60), 1)
