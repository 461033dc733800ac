"""Author biomedical agent tasks, build data sets of them, and prove every instance."""

__version__ = "0.1.0"
