"""Data of another server: a bulk export's files, or a snapshot taken by search, as a store."""
