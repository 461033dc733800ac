"""An episode: actions in, observations out."""
