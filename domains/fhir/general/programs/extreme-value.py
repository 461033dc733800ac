answer = (max if highest else min)(series())
