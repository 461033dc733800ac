import numpy as np

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").T
related = np.log2(values[genes] + 1).corr()
answer = {"matrix": [[float(value) for value in row] for row in related.to_numpy()]}
