"""The taskkit command."""
