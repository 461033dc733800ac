"""The eICU Collaborative Research Database."""
