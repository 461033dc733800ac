single = calls[calls["Variant_Type"] == "SNP"]
pair = single["Reference_Allele"] + single["Tumor_Seq_Allele2"]
transition = pair.isin(["AG", "GA", "CT", "TC"])
answer = {
    "single": len(single),
    "transitions": int(transition.sum()),
    "ratio": transition.sum() / (~transition).sum(),
}
