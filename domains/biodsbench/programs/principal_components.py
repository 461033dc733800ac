import numpy as np
from sklearn.decomposition import PCA

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").T
logs = np.log2(values + 1)
scaled = (logs - logs.mean()) / logs.std()
fit = PCA(n_components=count, svd_solver="full").fit(scaled.to_numpy())
answer = {
    "samples": len(scaled),
    "explained": [float(share) for share in fit.explained_variance_ratio_],
    "together": float(fit.explained_variance_ratio_.sum()),
}
