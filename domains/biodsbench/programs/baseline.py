rows = []
for arm in arms:
    group = patients[patients[ARM] == arm]
    low, middle, high = group[AGE].quantile([0.25, 0.5, 0.75])
    share = (group["SEX"] == sexes[0]).mean()
    rows.append([arm, len(group), float(middle), float(low), float(high), float(100 * share)])
answer = {"baseline": rows}
