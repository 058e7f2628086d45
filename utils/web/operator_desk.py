"""A part of the operator's door: it knows some paths, and what is done there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

Actions = Mapping[str, Callable[[Request], Awaitable[Response]]]
"""What is done at one path, by method. Whoever may GET may also ask for the HEAD of it."""


class Desk(Protocol):
    """Asked for every path below /admin, when the key has been looked at."""

    def actions(self, path: str) -> Actions:
        """What is done at the path, taken as it is: nothing where it knows nothing of it."""
        ...
