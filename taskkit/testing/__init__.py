"""What is shipped for tests of agents and domains."""
