answer = practitioner(person())["identifier"][0]["value"]
