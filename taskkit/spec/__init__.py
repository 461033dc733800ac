"""TaskSpec and its parts, and the documents they are written in."""
