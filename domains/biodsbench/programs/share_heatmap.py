typed = samples.dropna(subset=[SUBTYPE])
rows = []
for gene in genes:
    hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
    share = typed["SAMPLE_ID"].isin(hits).groupby(typed[SUBTYPE]).mean()
    rows.append([float(value) for value in share.sort_index()])
answer = {"matrix": rows, "columns": sorted(typed[SUBTYPE].unique())}
