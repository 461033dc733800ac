known = patients.dropna(subset=[STAGE])
counts = known[STAGE].value_counts().reindex(stages, fill_value=0)
answer = {
    "stages": [[name, int(count), 100 * int(count) / len(known)] for name, count in counts.items()],
    "unknown": int(patients[STAGE].isna().sum()),
}
