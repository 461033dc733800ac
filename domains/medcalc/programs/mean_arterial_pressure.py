pulse = systolic - diastolic
answer = round(diastolic + pulse / 3, 1)
