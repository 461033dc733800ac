found = every("Patient", gender=gender)
years = [one["birthDate"][:4] for one in found if "birthDate" in one]
answer = len([year for year in years if first <= year <= last])
