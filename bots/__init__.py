"""Bots that people write. Every class in here with a `bot_name` is served."""
