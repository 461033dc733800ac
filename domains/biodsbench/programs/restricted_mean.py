from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS"])
means = []
for arm in arms:
    group = people[people[ARM] == arm]
    fit = KaplanMeierFitter().fit(group["OS_MONTHS"], group["OS_STATUS"].str.contains("DECEASED"))
    means.append(restricted_mean_survival_time(fit, t=months))
answer = {"first": means[0], "second": means[1], "difference": means[1] - means[0]}
