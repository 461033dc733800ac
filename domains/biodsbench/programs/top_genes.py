per_gene = calls.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].nunique()
frame = per_gene.reset_index(name="count")
frame = frame.sort_values(["count", "Hugo_Symbol"], ascending=[False, True]).head(top)
share = 100 * frame["count"] / len(samples)
answer = {
    "genes": [
        [gene, int(count), float(percent)]
        for gene, count, percent in zip(frame["Hugo_Symbol"], frame["count"], share, strict=True)
    ]
}
