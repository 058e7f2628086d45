"""The page Poe: what each bot needs to be talked to there."""
