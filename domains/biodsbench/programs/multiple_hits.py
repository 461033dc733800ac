mine = calls[calls["Hugo_Symbol"].isin(genes)]
hits = mine.groupby(["Hugo_Symbol", "Tumor_Sample_Barcode"]).size()
several = hits[hits >= 2].groupby("Hugo_Symbol").size()
once = hits.groupby("Hugo_Symbol").size()
answer = {
    "hits": [[gene, int(once.get(gene, 0)), int(several.get(gene, 0))] for gene in genes],
}
