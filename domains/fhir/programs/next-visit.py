answer = minute(booked(person())[0]["start"])
