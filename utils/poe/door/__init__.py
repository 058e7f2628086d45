"""The way in and out: a request of Poe's becomes a query, and what a bot says becomes the bytes that Poe reads.

mount     one path for each bot, behind its access key
query     the body of a request, read leniently
answer    what a bot says, as one well-formed answer
frames    its events as bytes
run       an answer in the making, for who listens now and for who asks again
delivery  its way to one listener: words gathered, silence bridged, limits kept
limits    those of Poe
asides    what the person reads besides the answer
stream    the two together, for as long as somebody listens
visitors  who is with which bot now
"""

from .mount import BotsFirst, MountedBot, PoeDoor

__all__ = ["BotsFirst", "MountedBot", "PoeDoor"]
