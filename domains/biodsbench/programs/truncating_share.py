kinds = ["Nonsense_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins", "Splice_Site"]
mine = calls[calls["Hugo_Symbol"].isin(genes)]
share = mine["Variant_Classification"].isin(kinds).groupby(mine["Hugo_Symbol"]).mean()
answer = {
    "shares": [[gene, float(value)] for gene, value in share.items()],
    "mostly_truncated": sorted(share.index[share > 0.5]),
}
