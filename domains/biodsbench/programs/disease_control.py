known = patients.dropna(subset=[RESPONSE])
control = known[RESPONSE].isin(["CR", "PR", "SD"])
strict = control.groupby(known[ARM]).mean()
evaluable = known[RESPONSE] != "NE"
answer = {
    "all_first": strict[arms[0]],
    "all_second": strict[arms[1]],
    "evaluable_first": control[evaluable & (known[ARM] == arms[0])].mean(),
    "evaluable_second": control[evaluable & (known[ARM] == arms[1])].mean(),
}
