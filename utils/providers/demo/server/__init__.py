"""The demo over HTTP, as an OpenAI-compatible endpoint that can also behave badly.

app          the routes, and what a test wants to see of them
bodies       what comes in, checked
wire         what goes out, as JSON and as events
replies      how it goes out: as usual, or in one of the ways in which things go wrong
embeddings   vectors out of nothing but the text
"""

from .app import demo_app

__all__ = ["demo_app"]
