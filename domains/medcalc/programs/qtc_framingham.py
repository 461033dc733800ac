answer = round(qt + 154 - 154 * 60 / heart_rate, 1)
