import numpy as np
from lifelines import CoxPHFitter

first = samples.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
people = first.merge(patients, on="PATIENT_ID").dropna(subset=["OS_MONTHS", "OS_STATUS", TMB])
frame = pd.DataFrame(
    {
        "months": people["OS_MONTHS"],
        "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
        "burden": np.log2(people[TMB] + 1),
        "ecog": people["ECOG"],
    }
)
fit = CoxPHFitter().fit(frame, "months", "died")
answer = {
    "patients": len(frame),
    "hr_burden": fit.hazard_ratios_["burden"],
    "hr_ecog": fit.hazard_ratios_["ecog"],
    "log_likelihood": fit.log_likelihood_,
}
