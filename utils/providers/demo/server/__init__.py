"""The demo over HTTP, as an OpenAI-compatible endpoint that can also behave badly.

app          the routes, and what a test wants to see of them
bodies       what comes in, checked
replies      an answer on its way to a client, who may hang up
streams      an answer in events, and what goes wrong with it
documents    an answer in one piece, and what goes wrong with it
cuts         an answer that ends in the middle of its bytes, either of them
floods       more than anybody can want, as fast as it goes
waits        when to come back, in every way in which it is said
hang_up      a connection that is reset
quirks       peculiar forms of both
turn         what those three share
wire         OpenAI's JSON on its way out
embeddings   vectors out of nothing but the text
"""

from .app import demo_app

__all__ = ["demo_app"]
