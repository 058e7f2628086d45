"""A bot as people on Poe will see it: its greeting, its controls, its suggested replies. Here the console plays Poe."""
