known = patients.dropna(subset=[AGE])
group = pd.cut(known[AGE], [0, 50, 60, 70, 120], right=False, labels=["a", "b", "c", "d"])
counts = group.value_counts().sort_index()
died = known["OS_STATUS"].str.contains("DECEASED").fillna(False).astype(bool)
answer = {
    "counts": [int(count) for count in counts],
    "deaths": [int(count) for count in died.groupby(group, observed=False).sum()],
}
