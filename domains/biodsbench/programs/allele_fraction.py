mine = calls[calls["Hugo_Symbol"] == gene]
depth = mine["t_ref_count"] + mine["t_alt_count"]
fraction = mine["t_alt_count"] / depth
answer = {
    "median": fraction.median(),
    "upper_quartile": fraction.quantile(0.75),
    "clonal": int((fraction >= cut).sum()),
    "mean_depth": depth.mean(),
}
