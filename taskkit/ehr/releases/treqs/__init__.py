"""The five tables of MIMICSQL."""
