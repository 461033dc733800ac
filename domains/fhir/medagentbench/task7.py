answer = values("GLU")[-1][1]
