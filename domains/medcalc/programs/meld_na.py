import math
from decimal import ROUND_HALF_UP, Decimal


def rounded(value, places):
    return float(Decimal(repr(round(value, 10))).quantize(Decimal(places), ROUND_HALF_UP))


kidney = 4.0 if dialysis else min(4.0, max(1.0, creatinine))
logs = 0.957 * math.log(kidney) + 0.378 * math.log(max(1.0, bilirubin))
logs += 1.12 * math.log(max(1.0, inr)) + 0.643
meld = 10 * rounded(logs, "0.1")
if meld > 11:
    gap = 137 - min(137, max(125, sodium))
    meld = meld + 1.32 * gap - 0.033 * meld * gap
answer = min(40, int(rounded(meld, "1")))
