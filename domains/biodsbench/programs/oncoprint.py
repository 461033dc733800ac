mine = calls[calls["Hugo_Symbol"].isin(genes)]
carriers = (
    mine.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].nunique().reindex(genes, fill_value=0)
)
altered = mine["Tumor_Sample_Barcode"].nunique()
pattern = pd.crosstab(mine["Tumor_Sample_Barcode"], mine["Hugo_Symbol"]).clip(upper=1).sum(axis=1)
answer = {
    "rows": [[gene, 100 * int(count) / len(samples)] for gene, count in carriers.items()],
    "altered_percent": 100 * altered / len(samples),
    "several": int((pattern >= 2).sum()),
}
