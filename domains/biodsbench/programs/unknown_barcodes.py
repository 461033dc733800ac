known = set(samples["SAMPLE_ID"])
strange = mutations[~mutations["Tumor_Sample_Barcode"].isin(known)]
silent = samples.loc[~samples["SAMPLE_ID"].isin(mutations["Tumor_Sample_Barcode"]), "SAMPLE_ID"]
answer = {
    "barcodes": sorted(strange["Tumor_Sample_Barcode"].unique()),
    "rows": len(strange),
    "samples_without_row": len(silent),
    "samples_with_row": len(known) - len(silent),
}
