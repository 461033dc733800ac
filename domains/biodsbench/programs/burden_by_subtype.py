from scipy.stats import kruskal

known = samples.dropna(subset=[TMB, SUBTYPE])
groups = known.groupby(SUBTYPE)[TMB]
test = kruskal(*(values for _, values in groups))
answer = {
    "medians": [[name, len(values), float(values.median())] for name, values in groups],
    "statistic": test.statistic,
}
