answer = sorted({one["code"]["coding"][0]["code"] for one in allergies(person())})
