from scipy.stats import kruskal

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[marker]
known = samples.dropna(subset=[SUBTYPE]).set_index("SAMPLE_ID")
known = known.join(values.rename("value"), how="inner")
groups = known.groupby(SUBTYPE)["value"]
answer = {
    "medians": [[name, float(value)] for name, value in groups.median().items()],
    "highest": groups.median().idxmax(),
    "statistic": kruskal(*(part for _, part in groups)).statistic,
}
