"""The page Chat: one conversation, with a bot or with a model, through the door of programs or through that of Poe."""
