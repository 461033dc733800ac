answer = round(body_mass_index * height * height / 10_000, 1)
