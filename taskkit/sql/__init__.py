"""Questions over databases: templates, published formats, mutants, guide and second engines."""
