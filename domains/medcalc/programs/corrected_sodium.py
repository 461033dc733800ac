answer = round(sodium + 2.4 * (glucose - 100) / 100, 1)
