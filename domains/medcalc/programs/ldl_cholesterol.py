answer = round(cholesterol - (hdl_cholesterol + triglycerides / 5), 1)
