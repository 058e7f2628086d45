"""The server, as one sees it who has its address and its keys: requests out, typed results and troubles in."""

from .address import is_of_this_machine, normal_address
from .server import Server
from .stream import Event, Stream
from .troubles import Away, KeyWanted, NotThere, Refused, Trouble

__all__ = [
    "Away",
    "Event",
    "KeyWanted",
    "NotThere",
    "Refused",
    "Server",
    "Stream",
    "Trouble",
    "is_of_this_machine",
    "normal_address",
]
