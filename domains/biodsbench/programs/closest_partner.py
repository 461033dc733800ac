frame = pd.crosstab(calls["Tumor_Sample_Barcode"], calls["Hugo_Symbol"]) > 0
frame = frame.reindex(samples["SAMPLE_ID"], fill_value=False)
frame = frame.loc[:, frame.sum() >= least].astype(float)
related = frame.corr()[gene].drop(gene)
answer = {
    "tested": len(related),
    "highest_gene": related.idxmax(),
    "highest": related.max(),
    "lowest": related.min(),
}
