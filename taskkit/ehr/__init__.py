"""Hospital data: the embedded hospital, releases and their tables."""
