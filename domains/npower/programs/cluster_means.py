def power(n):
    inflation = 1 + (members - 1) * correlation
    shift = abs(difference) / deviation * (n * members / (2 * inflation)) ** 0.5
    freedom = 2 * n - 2
    if sides == 2:
        return stats.ncf.sf(stats.f.isf(alpha, 1, freedom), 1, freedom, shift**2)
    return stats.nct.sf(stats.t.isf(alpha, freedom), freedom, shift)
