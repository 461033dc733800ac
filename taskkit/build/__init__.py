"""From a source to a taskset."""
