from scipy.stats import f_oneway

known = samples.dropna(subset=["FRACTION_GENOME_ALTERED", SUBTYPE])
groups = known.groupby(SUBTYPE)["FRACTION_GENOME_ALTERED"]
test = f_oneway(*(values for _, values in groups))
answer = {
    "means": [[name, float(values.mean()), float(values.std())] for name, values in groups],
    "f_statistic": test.statistic,
}
