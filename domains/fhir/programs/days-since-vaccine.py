given = every(
    "Immunization", **{"patient": person()["id"], "vaccine-code": cvx, "status": "completed"}
)
last = max(one["occurrenceDateTime"] for one in given)
answer = (now.date() - time(last).date()).days
