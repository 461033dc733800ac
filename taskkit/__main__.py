"""`python -m taskkit` is the `taskkit` command."""

from taskkit.cli.main import main

main()
