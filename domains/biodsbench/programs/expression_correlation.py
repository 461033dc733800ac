import numpy as np
from scipy.stats import pearsonr, spearmanr

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").T
logs = np.log2(values + 1)
answer = {
    "samples": len(logs),
    "pearson": pearsonr(logs[marker], logs[partner]).statistic,
    "spearman": spearmanr(values[marker], values[partner]).statistic,
    "slope": np.polyfit(logs[marker], logs[partner], 1)[0],
}
