from scipy import integrate


def power(n):
    freedom = 2 * n - 2
    error = deviation * (2 / n) ** 0.5
    limit = stats.t.ppf(1 - alpha, freedom)

    def part(square):
        slack = limit * (square / freedom) ** 0.5
        inside = stats.norm.cdf((margin - difference) / error - slack)
        inside -= stats.norm.cdf(slack - (margin + difference) / error)
        return max(inside, 0.0) * stats.chi2.pdf(square, freedom)

    middle, wide = freedom, 12 * (2 * freedom) ** 0.5
    edges = max(middle - wide, 0.0), middle + wide
    return integrate.quad(part, *edges, limit=400, epsabs=1e-9)[0]
