"""MedAgentBench's tasks, read from a user's folder, on a store that fits their audited values."""
