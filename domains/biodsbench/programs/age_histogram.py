import numpy as np

known = patients[AGE].dropna()
edges = [20, 30, 40, 50, 60, 70, 80, 90]
rows = []
for sex in sexes:
    counts, _ = np.histogram(patients.loc[patients["SEX"] == sex, AGE].dropna(), bins=edges)
    rows.append([int(count) for count in counts])
answer = {"counts": rows, "mean_age": known.mean(), "deviation": known.std()}
