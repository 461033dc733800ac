elapsed = (today - last_period).days
answer = [elapsed // 7, elapsed % 7]
