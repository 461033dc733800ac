from scipy.stats import pearsonr, spearmanr

known = samples.dropna(subset=[TMB, "MSI_SCORE"])
rank = spearmanr(known[TMB], known["MSI_SCORE"])
line = pearsonr(known[TMB], known["MSI_SCORE"])
answer = {"samples": len(known), "spearman": rank.statistic, "pearson": line.statistic}
