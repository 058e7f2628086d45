"""The rooms of the server. Each folder's `__init__` says what it owns; imports point down only."""
