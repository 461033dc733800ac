mine = calls[calls["Hugo_Symbol"] == gene]
counts = mine["Variant_Classification"].value_counts()
answer = {
    "classes": [[name, int(count)] for name, count in counts.items()],
    "samples": int(mine["Tumor_Sample_Barcode"].nunique()),
}
