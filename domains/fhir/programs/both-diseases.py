patients = everyone()
answer = sum(age(patients[key]) >= least for key in sick(one) & sick(two))
