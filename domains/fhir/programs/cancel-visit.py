visits = [one for one in booked(person()) if coded(one["specialty"][0], specialty)]
change({**visits[0], "status": "cancelled"})
answer = minute(visits[0]["start"])
