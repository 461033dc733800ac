"""Check."""


def recheck(note, lexicon, connection):
    return []
