listed = mutations[mutations["Tumor_Sample_Barcode"].isin(samples["SAMPLE_ID"])]
germline = listed[listed["Mutation_Status"] == "GERMLINE"]
single = germline.drop_duplicates()
answer = {
    "rows": len(germline),
    "share": len(germline) / len(listed),
    "genes": int(single["Hugo_Symbol"].nunique()),
    "repeated_rows": int(listed.duplicated().sum()),
}
