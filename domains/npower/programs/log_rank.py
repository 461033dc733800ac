import math


def power(n):
    z = stats.norm.isf(alpha / sides)
    if rule == "Schoenfeld":
        shift = abs(math.log(hazard_ratio)) / 2
    else:
        shift = abs(1 - hazard_ratio) / (1 + hazard_ratio)
    return stats.norm.cdf(shift * (n * events) ** 0.5 - z)
