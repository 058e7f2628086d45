"""The page Bots."""
