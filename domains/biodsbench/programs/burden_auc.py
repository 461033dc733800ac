from sklearn.metrics import average_precision_score, roc_auc_score

first = samples.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
people = first.merge(patients, on="PATIENT_ID").dropna(subset=[TMB, RESPONSE])
people = people[people[RESPONSE] != "NE"]
good = people[RESPONSE].isin(["CR", "PR"])
answer = {
    "patients": len(people),
    "auroc": roc_auc_score(good, people[TMB]),
    "average_precision": average_precision_score(good, people[TMB]),
}
