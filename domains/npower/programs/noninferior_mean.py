def power(n):
    shift = (difference + margin) / deviation * (n / 2) ** 0.5
    return stats.nct.sf(stats.t.isf(alpha, 2 * n - 2), 2 * n - 2, shift)
