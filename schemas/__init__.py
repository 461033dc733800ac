"""JSON Schemas of the documents, written from the models."""
