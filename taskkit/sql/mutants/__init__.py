"""Small changes to a reference, and whether they change what it answers."""
