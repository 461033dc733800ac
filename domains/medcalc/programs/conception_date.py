import datetime

answer = str(last_period + datetime.timedelta(weeks=2))
