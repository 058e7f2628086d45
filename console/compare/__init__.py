"""The page Compare: one question to several at once, and what each of them makes of it."""
