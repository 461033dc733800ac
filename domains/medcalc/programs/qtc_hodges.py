answer = round(qt + 7 / 4 * (heart_rate - 60), 1)
