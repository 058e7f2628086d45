"""What an owner does in a terminal: serve, chat, check, sync settings with Poe, examine a bot server."""
