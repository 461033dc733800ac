"""Tables of a hospital database: read, copied and written."""
