levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id")
counts = (levels == level).sum(axis=1)
frame = counts.reset_index(name="count")
frame = frame.sort_values(["count", "Hugo_Symbol"], ascending=[False, True]).head(top)
measured = levels.notna().sum(axis=1)
answer = {
    "genes": [
        [gene, int(count), float(count / measured[gene])]
        for gene, count in zip(frame["Hugo_Symbol"], frame["count"], strict=True)
    ]
}
