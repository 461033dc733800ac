from scipy.stats import fisher_exact

typed = samples.dropna(subset=[SUBTYPE])
hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
hit, inside = typed["SAMPLE_ID"].isin(hits), typed[SUBTYPE] == subtype
both, only = int((inside & hit).sum()), int((inside & ~hit).sum())
rest, none = int((~inside & hit).sum()), int((~inside & ~hit).sum())
answer = {
    "share_inside": both / (both + only),
    "share_outside": rest / (rest + none),
    "p_value": fisher_exact([[both, only], [rest, none]], alternative="greater").pvalue,
}
