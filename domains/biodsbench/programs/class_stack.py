order = [
    "Missense_Mutation",
    "Nonsense_Mutation",
    "Frame_Shift_Del",
    "Frame_Shift_Ins",
    "Splice_Site",
]
mine = calls[calls["Hugo_Symbol"].isin(genes)]
counts = mine.groupby(["Hugo_Symbol", "Variant_Classification"])["Tumor_Sample_Barcode"].nunique()
answer = {
    "bars": [[gene, *(int(counts.get((gene, kind), 0)) for kind in order)] for gene in genes],
}
