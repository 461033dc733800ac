def power(n):
    shift = (difference + margin) / deviation * (n / 2) ** 0.5
    return stats.nct.sf(stats.t.ppf(1 - alpha, 2 * n - 2), 2 * n - 2, shift)
