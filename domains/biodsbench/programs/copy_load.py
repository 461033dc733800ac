levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id")
load = (levels.abs() == 2).sum()
answer = {
    "samples": len(load),
    "mean": load.mean(),
    "none": int((load == 0).sum()),
    "several": int((load >= least).sum()),
}
