"""Poe's own address for settings, on this machine: it notes what it is told and replies as it is bid."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Told(NamedTuple):
    """One request."""

    path: tuple[str, ...]
    body: Any


class FakePoe(Starlette):
    """Takes everything, unless `replies` says otherwise; the last of them is given again and again."""

    def __init__(self, replies: Iterable[Response] = ()) -> None:
        super().__init__(routes=[Route("/{path:path}", self._take, methods=["POST"])])
        self.told: list[Told] = []
        self.replies = list(replies)

    async def _take(self, request: Request) -> Response:
        parts = request.scope["raw_path"].decode().split("/")[1:]
        self.told.append(Told(tuple(map(unquote, parts)), json.loads(await request.body())))
        if self.replies:
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return Response(json.dumps(self.told[-1].body))
