known = patients.dropna(subset=[STAGE, RESPONSE])
table = pd.crosstab(known[STAGE], known[RESPONSE]).reindex(
    index=stages, columns=["CR", "PR", "SD", "PD", "NE"], fill_value=0
)
answer = {"matrix": [[int(value) for value in row] for row in table.to_numpy()]}
