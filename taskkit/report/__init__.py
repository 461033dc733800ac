"""One page that says what a taskset holds and what was proved of it."""
