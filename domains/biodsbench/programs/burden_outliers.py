known = samples.dropna(subset=[TMB])
low, high = known[TMB].quantile([0.25, 0.75])
fence = high + 1.5 * (high - low)
beyond = known[known[TMB] > fence]
answer = {
    "fence": fence,
    "outliers": len(beyond),
    "mean_without": known.loc[known[TMB] <= fence, TMB].mean(),
}
