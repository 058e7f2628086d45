"""Replicate's own predictions as a `ChatProvider`: models that take a prompt, and a second address for the answer."""
