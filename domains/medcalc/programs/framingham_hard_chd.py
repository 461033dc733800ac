from math import exp, log

a, c, h, p = log(age), log(cholesterol), log(hdl_cholesterol), log(systolic)
if sex == "male":
    total = 52.00961 * a + 20.014077 * c - 0.905964 * h + 1.305784 * p
    total += 0.241549 * treated - 4.605038 * a * c - 2.93323 * a * a - 172.300168
    total += (12.096316 - 2.84367 * log(min(age, 70))) * smoker
    base = 0.9402
else:
    total = 31.764001 * a + 22.465206 * c - 1.187731 * h + 2.552905 * p
    total += 0.420251 * treated - 5.060998 * a * c - 146.5933061
    total += (13.07543 - 2.996945 * log(min(age, 78))) * smoker
    base = 0.98767
answer = round(100 * (1 - base ** exp(total)), 1)
