answer = round(2 * sodium + glucose / 18 + urea_nitrogen / 2.8, 1)
