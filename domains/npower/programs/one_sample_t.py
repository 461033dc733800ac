def power(n):
    shift = abs(difference) / deviation * n**0.5
    if sides == 2:
        return stats.ncf.sf(stats.f.isf(alpha, 1, n - 1), 1, n - 1, shift**2)
    return stats.nct.sf(stats.t.isf(alpha, n - 1), n - 1, shift)
