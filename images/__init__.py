"""Images: one folder each, with a Dockerfile and pinned requirements."""
