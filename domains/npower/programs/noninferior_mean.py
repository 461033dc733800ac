def power(n):
    freedom = 2 * n - 2
    shift = (difference + margin) / deviation * (n / 2) ** 0.5
    return stats.nct.sf(stats.t.isf(alpha, freedom), freedom, shift)
