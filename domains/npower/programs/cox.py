import math


def power(n):
    z = stats.norm.isf(alpha / sides)
    variance = 1 / (n * events * deviation**2 * (1 - explained))
    return stats.norm.cdf(abs(math.log(hazard_ratio)) / variance**0.5 - z)
