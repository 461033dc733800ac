columns = [AGE, STAGE, RESPONSE, "OS_MONTHS"]
holes = patients[columns].isna()
answer = {
    "holes": [int(holes[name].sum()) for name in columns],
    "complete": int((~holes.any(axis=1)).sum()),
    "complete_share": (~holes.any(axis=1)).mean(),
}
