found = every("Condition", code=code)
subjects = {one["subject"]["reference"] for one in found if "subject" in one}
answer = len([one for one in subjects if one.startswith("Patient/")])
