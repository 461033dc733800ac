"""What `request_info` and `debugging` answer about a database."""
