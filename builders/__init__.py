"""One module per source of tasks."""
