from itertools import combinations

import numpy as np
from scipy.stats import fisher_exact

carriers = calls.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].agg(set)
rows, tests = [], []
for first, second in combinations(sorted(genes), 2):
    left = samples["SAMPLE_ID"].isin(carriers[first])
    right = samples["SAMPLE_ID"].isin(carriers[second])
    table = np.array(
        [[sum(left & right), sum(left & ~right)], [sum(~left & right), sum(~left & ~right)]]
    )
    rows.append([first, second, int(table[0, 0])])
    tests.append(float(fisher_exact(table).pvalue))
best = int(np.argmin(tests))
answer = {
    "pairs": rows,
    "strongest": rows[best][:2],
    "smallest_p": tests[best],
}
