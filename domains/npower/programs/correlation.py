import math


def power(n):
    shift = math.atanh(true) * (n - 3) ** 0.5
    if sides == 2:
        return stats.ncx2.sf(stats.chi2.isf(alpha, 1), 1, shift**2)
    return stats.norm.sf(stats.norm.isf(alpha) - shift)
