answer = round((120 + heart_rate) / 180 * qt, 1)
