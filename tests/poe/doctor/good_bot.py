"""A bot server that does everything right, until it is told to do one thing wrong."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

KEY = "k" * 32


class Asked(NamedTuple):
    """One request, read."""

    method: str
    path: str
    authorization: str
    raw: bytes
    body: Any
    """The JSON of the body; None where it is none."""

    def get(self, name: str) -> Any:
        return self.body.get(name) if isinstance(self.body, dict) else None

    @property
    def turns(self) -> list[dict[str, Any]]:
        return self.get("query") or []


class Reply(NamedTuple):
    status: int
    body: bytes = b"{}"
    content_type: str = "application/json"
    location: str = ""


def frame(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


META = frame("meta", {"content_type": "text/markdown"})
HELLO = frame("text", {"text": "Hello."})
DONE = frame("done", {})
CONTROLS = {
    "api_version": "2",
    "sections": [
        {
            "name": None,
            "controls": [
                {"control": "text_field", "label": "City", "parameter_name": "city", "default_value": None},
                {
                    "control": "slider",
                    "label": "Size",
                    "parameter_name": "n",
                    "min_value": 0,
                    "max_value": 9,
                    "step": 1,
                },
            ],
            "tabs": None,
        }
    ],
}
SETTINGS: Mapping[str, Any] = {"response_version": 2, "allow_attachments": None, "parameter_controls": CONTROLS}


def stream(*frames: bytes) -> Reply:
    return Reply(200, b"".join(frames), "text/event-stream")


def good_reply(asked: Asked) -> Reply:
    """What a bot server should answer."""
    if asked.method != "POST":
        return Reply(405)
    scheme, _, key = asked.authorization.partition(" ")
    if (scheme.lower(), key) != ("bearer", KEY):
        return Reply(401)
    if asked.get("type") is None:
        return Reply(400)
    if asked.get("type") == "query":
        return stream(META, HELLO, DONE) if asked.turns else stream(frame("error", {"text": "Nothing asked."}), DONE)
    if asked.get("type") == "settings":
        return Reply(200, json.dumps(SETTINGS).encode())
    return Reply(200 if str(asked.get("type")).startswith("report_") else 501)


Answering = Callable[[Asked], Reply | None]


class Bot:
    """An ASGI app. What `instead` answers comes first; where it gives None, the right answer comes."""

    def __init__(self, instead: Answering = lambda asked: None) -> None:
        self.instead = instead
        self.asked: list[Asked] = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        asked = await _asked(scope, receive)
        self.asked.append(asked)
        reply = self.instead(asked) or good_reply(asked)
        headers = [(b"content-type", reply.content_type.encode())]
        headers += [(b"location", reply.location.encode())] if reply.location else []
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


def saying(*frames: bytes) -> Bot:
    """Answers every query that has messages with these frames."""
    return when(lambda asked: bool(asked.turns), stream(*frames))


def when(test: Callable[[Asked], bool], reply: Reply) -> Bot:
    """Gives this reply to the requests for which the test holds, if they come with the key or in any other way."""
    return Bot(lambda asked: reply if test(asked) else None)


def has_turn(test: Callable[[dict[str, Any]], bool]) -> Callable[[Asked], bool]:
    return lambda asked: any(test(turn) for turn in asked.turns)


def replies(given: Iterable[Reply | None]) -> Bot:
    """Gives the queries these replies in turn, None being the right one."""
    left = iter(given)
    return Bot(lambda asked: next(left, None) if asked.turns else None)


async def _asked(scope, receive) -> Asked:
    raw = b""
    more = True
    while more:
        message = await receive()
        raw += message.get("body", b"")
        more = message.get("more_body", False)
    authorization = dict(scope["headers"]).get(b"authorization", b"").decode()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    return Asked(scope["method"], scope["path"], authorization, raw, body)


async def _lifespan(receive, send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
