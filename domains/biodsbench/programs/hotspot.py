mine = calls[calls["Hugo_Symbol"] == gene].dropna(subset=["HGVSp_Short"])
carriers = mine.groupby("HGVSp_Short")["Tumor_Sample_Barcode"].nunique()
frame = carriers.reset_index(name="count")
frame = frame.sort_values(["count", "HGVSp_Short"], ascending=[False, True])
change, count = frame.iloc[0]
answer = {
    "change": change,
    "samples": int(count),
    "share": int(count) / mine["Tumor_Sample_Barcode"].nunique(),
    "distinct": len(frame),
}
