"""Who plays an episode."""
