"""Agents that do not solve a task, one small module each; plug-ins of `taskkit.probes`."""
