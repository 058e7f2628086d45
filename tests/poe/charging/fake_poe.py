"""Poe, as far as charging goes: the queries that it sends to a bot, and its cost API."""

import asyncio
import json
import re
from typing import NamedTuple

import fastapi_poe as fp

KEY = "k" * 32

_PATH = re.compile(r"/bot/cost/([^/]+)/(authorize|capture)")
_AMOUNT = {"amount_usd_milli_cents", "description"}


def query(message_id="m-1", bot_query_id="q-1", access_key=KEY):
    """What Poe asks a bot."""
    return fp.QueryRequest(
        version="1.2",
        type="query",
        query=[fp.ProtocolMessage(role="user", content="hi")],
        user_id="u-1",
        conversation_id="c-1",
        message_id=message_id,
        bot_query_id=bot_query_id,
        access_key=access_key,
    )


class Call(NamedTuple):
    """A call of the cost API."""

    verb: str
    bot_query_id: str
    milli_cents: int


class Reply(NamedTuple):
    """What the cost API says, and whether it then keeps silent instead of hanging up."""

    body: bytes
    status: int = 200
    hangs: bool = False


def result(status):
    return Reply(b"event: result\r\ndata: " + json.dumps({"status": status}).encode() + b"\r\n\r\n")


SUCCESS = result("success")


class FakePoe:
    """The cost API. It understands what fastapi_poe sends, and nothing else."""

    def __init__(self, reply=SUCCESS):
        self.reply = reply
        self.calls = []
        self.connections = set()
        self.called = asyncio.Event()
        """Somebody has called."""
        self.may_reply = asyncio.Event()
        """Replies wait for this; it is set unless a test clears it."""
        self.may_reply.set()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        self.connections.add(scope["client"])
        call = _call(scope, await _body(receive))
        reply = self.reply if call else Reply(b"not understood", 400)
        if call:
            self.calls.append(call)
            self.called.set()
        await self.may_reply.wait()
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        while reply.hangs and (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.body", "body": b""})


async def _body(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _call(scope, body):
    headers = dict(scope["headers"])
    path = _PATH.fullmatch(scope["path"])
    said = json.loads(body)
    is_understood = (
        scope["method"] == "POST"
        and path
        and headers[b"content-type"] == b"application/json"
        and headers[b"accept"] == b"text/event-stream"
        and set(said) == {"amounts", "access_key"}
        and said["access_key"] == KEY
        and all(set(amount) == _AMOUNT for amount in said["amounts"])
        and all(type(amount["amount_usd_milli_cents"]) is int for amount in said["amounts"])
    )
    if not is_understood:
        return None
    return Call(path[2], path[1], sum(amount["amount_usd_milli_cents"] for amount in said["amounts"]))
