answer = ingredients(person())
