"""A page on this machine that shows a taskset, and the runs over it."""
