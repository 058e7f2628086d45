"""What an owner does in a terminal: serve, chat, check."""
