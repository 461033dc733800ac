from scipy import integrate


def power(n):
    freedom = 2 * n - 2
    error = deviation * (2 / n) ** 0.5
    limit = stats.t.ppf(1 - alpha, freedom)

    def part(square):
        slack = limit * (square / freedom) ** 0.5
        inside = stats.norm.cdf((margin - difference) / error - slack)
        inside -= stats.norm.cdf(slack - (margin + difference) / error)
        return inside * stats.chi2.pdf(square, freedom)

    wide = 12 * (2 * freedom) ** 0.5
    high = min(freedom + wide, freedom * (margin / error / limit) ** 2)
    low = min(max(freedom - wide, 0.0), high)
    return integrate.quad(part, low, high, limit=200, epsabs=1e-9)[0]
