means = [(high + 2 * low) / 3 for high, low in pressures(person())[-readings:]]
answer = sum(means) / len(means)
