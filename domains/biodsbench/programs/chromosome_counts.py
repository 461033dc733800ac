counts = calls["Chromosome"].astype(str).value_counts()
frame = counts.reset_index(name="count")
frame = frame.sort_values(["count", "Chromosome"], ascending=[False, True]).head(top)
answer = {
    "chromosomes": [
        [name, int(count)] for name, count in zip(frame["Chromosome"], frame["count"], strict=True)
    ],
    "all_calls": len(calls),
}
