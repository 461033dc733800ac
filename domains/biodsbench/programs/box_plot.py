known = samples.dropna(subset=[TMB])
rows = []
for kind in ["Metastasis", "Primary"]:
    values = known.loc[known["SAMPLE_TYPE"] == kind, TMB]
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    reach = 1.5 * (high - low)
    inside = values[(values >= low - reach) & (values <= high + reach)]
    rows.append(
        [kind, float(inside.min()), float(low), float(middle), float(high), float(inside.max())]
    )
answer = {"boxes": rows}
