"""The API that every OpenAI client speaks: chat completions, embeddings and models, below /v1."""

from .door import openai_door

__all__ = ["openai_door"]
