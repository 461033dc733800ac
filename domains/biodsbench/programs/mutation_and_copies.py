from scipy.stats import fisher_exact

levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").T
profile = levels[amplified].dropna()
profile = profile[profile.index.isin(samples["SAMPLE_ID"])]
hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
raised, hit = profile == 2, profile.index.isin(hits)
both, only = int((raised & hit).sum()), int((raised & ~hit).sum())
rest, none = int((~raised & hit).sum()), int((~raised & ~hit).sum())
answer = {
    "profiled": len(profile),
    "amplified": both + only,
    "both": both,
    "p_value": fisher_exact([[both, only], [rest, none]]).pvalue,
}
