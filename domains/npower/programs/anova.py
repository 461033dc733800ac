def power(n):
    groups = len(means)
    centre = sum(means) / groups
    shift = n * sum((mean - centre) ** 2 for mean in means) / deviation**2
    between, within = groups - 1, groups * (n - 1)
    return stats.ncf.sf(stats.f.isf(alpha, between, within), between, within, shift)
