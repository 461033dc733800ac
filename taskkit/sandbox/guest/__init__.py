"""What runs inside a sandbox: the worker server, its sessions and the programs' runners.

These modules travel into the sandbox as source, where no taskkit exists: they import the standard
library and each other, nothing else. A test holds that.
"""
