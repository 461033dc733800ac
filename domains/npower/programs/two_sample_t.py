import math


def power(n):
    other = math.ceil(n * ratio)
    freedom = n + other - 2
    shift = abs(difference) / deviation * (n * other / (n + other)) ** 0.5
    if sides == 2:
        return stats.ncf.sf(stats.f.isf(alpha, 1, freedom), 1, freedom, shift**2)
    return stats.nct.sf(stats.t.isf(alpha, freedom), freedom, shift)
