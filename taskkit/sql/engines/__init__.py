"""References asked again of a second SQL engine."""
