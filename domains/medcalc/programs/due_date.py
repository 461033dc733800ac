import datetime

answer = str(last_period + datetime.timedelta(days=252 + int(cycle_length)))
