levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").T
profiled = samples[samples["SAMPLE_ID"].isin(levels.index)]
mine = calls[calls["Hugo_Symbol"].isin(genes)]
hit = profiled["SAMPLE_ID"].isin(mine["Tumor_Sample_Barcode"])
lost = profiled["SAMPLE_ID"].isin(levels.index[levels[deleted] == -2])
answer = {
    "profiled": len(profiled),
    "mutated": int(hit.sum()),
    "deleted": int(lost.sum()),
    "altered": int((hit | lost).sum()),
    "altered_share": (hit | lost).mean(),
}
