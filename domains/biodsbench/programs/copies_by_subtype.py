levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[amplified].dropna()
known = samples.set_index("SAMPLE_ID").join(levels.rename("level"), how="inner")
known = known.dropna(subset=[SUBTYPE])
share = 100 * (known["level"] == 2).groupby(known[SUBTYPE]).mean()
answer = {
    "percent": [[name, float(value)] for name, value in share.items()],
    "overall": 100 * (known["level"] == 2).mean(),
}
