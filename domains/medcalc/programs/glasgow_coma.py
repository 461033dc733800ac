eyes = ["none", "to pain", "to voice", "spontaneous"]
words = ["none", "incomprehensible sounds", "inappropriate words", "confused", "oriented"]
moves = [
    "none",
    "extension to pain",
    "flexion to pain",
    "withdraws from pain",
    "localises pain",
    "obeys commands",
]
points = [eyes.index(eye) + 1, words.index(verbal) + 1, moves.index(motor) + 1]
answer = [*points, sum(points)]
