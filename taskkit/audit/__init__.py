"""Try to break every instance: what does not solve a task must earn nothing."""
