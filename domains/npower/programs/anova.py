def power(n):
    groups = len(means)
    centre = sum(means) / groups
    shift = n * sum((mean - centre) ** 2 for mean in means) / deviation**2
    limit = stats.f.ppf(1 - alpha, groups - 1, groups * (n - 1))
    return 1 - stats.ncf.cdf(limit, groups - 1, groups * (n - 1), shift)
