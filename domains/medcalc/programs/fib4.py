answer = round(age / platelets * aspartate_transaminase / alanine_transaminase**0.5, 2)
