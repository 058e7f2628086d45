"""The bot that is examined, asked as Poe asks."""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from utils.errors import ConfigError
from utils.keys import masked

from .answer import Answer
from .event_stream import EventStream

Message = Mapping[str, Any]

FIRST_EVENT_SECONDS = 5.0
_CONNECT_SECONDS = 10.0
_MOST_BYTES = 64 * 1024 * 1024
_SHOWN_OF_A_BODY = 20_000
_QUESTION = "Please say hello in one short sentence."


class Patient:
    """The bot at one address. Use it with `async with`; the key goes to that address and nowhere else."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout_seconds: float = 60,
        first_event_seconds: float = FIRST_EVENT_SECONDS,
    ) -> None:
        self.url = _checked_url(url)
        self.key = _checked_key(key)
        self.timeout_seconds = timeout_seconds
        """How long a check may take."""
        self.first_event_seconds = first_event_seconds
        """How long Poe waits for the first event."""
        self.refusals: list[str] = []
        """Everything that it said in errors and refusals."""
        self._plain_answer: Answer | None = None
        # A redirect is not followed: it could lead to another host, and Poe does not follow any either.
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS), follow_redirects=False)

    async def __aenter__(self) -> "Patient":
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._client.__aexit__(*exc)

    async def send(
        self,
        content: bytes,
        *,
        method: str = "POST",
        url: str | None = None,
        authorization: str | None = None,
    ) -> httpx.Response:
        """The whole reply to this body. Other than with the right key only when `authorization` says so."""
        async with self._streaming(content, method, url or self.url, authorization) as response:
            body = b"".join([chunk async for chunk in _at_most(response)])
        reply = httpx.Response(response.status_code, headers=_without_coding(response.headers), content=body)
        if not reply.is_success:
            self.refusals.append(self.shown(reply.text[:_SHOWN_OF_A_BODY]))
        return reply

    async def tell(self, **body: Any) -> httpx.Response:
        """The whole reply to a request of Poe's."""
        return await self.send(_json({"version": "1.2", **body}))

    async def ask(self, *messages: Message, **fields: Any) -> Answer:
        """The answer to a conversation; a short question stands for it when there is none."""
        body = _json(query(*messages, **fields))
        asked_at = time.perf_counter()
        async with self._streaming(body, "POST", self.url, None) as response:
            answer = Answer(response.status_code, response.headers.get("content-type", ""))
            if response.status_code == 200:
                await _read(response, answer, asked_at)
            else:
                seen = b"".join([chunk async for chunk in _at_most(response)])
                answer.body = self.shown(seen[:_SHOWN_OF_A_BODY].decode("utf-8", "replace"))
        self.refusals += [self.shown(said) for said in (answer.body, *answer.errors) if said]
        return answer

    async def plain_answer(self) -> Answer:
        """The answer to a plain question. It is asked once, also when nothing comes: the status is 0 then."""
        if self._plain_answer is None:
            self._plain_answer = Answer(status=0)
            self._plain_answer = await self.ask()
        return self._plain_answer

    async def leave_in_the_middle(self) -> None:
        """Ask, and hang up as soon as the answer begins."""
        async with self._streaming(_json(query()), "POST", self.url, None) as response:
            async for _ in response.aiter_raw():
                return

    def shown(self, text: str) -> str:
        """The text as it may be shown."""
        return masked(text, {self.key} if self.key else ())

    @asynccontextmanager
    async def _streaming(
        self, content: bytes, method: str, url: str, authorization: str | None
    ) -> AsyncIterator[httpx.Response]:
        given = authorization if authorization is not None else f"Bearer {self.key}" if self.key else ""
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        headers |= {"authorization": given} if given else {}
        async with self._client.stream(method, url, content=content, headers=headers) as response:
            yield response


def message(content: str | None, role: str = "user", **fields: Any) -> dict[str, Any]:
    """One turn of a conversation, as Poe sends it."""
    return {"role": role, "content": content, "content_type": "text/markdown", "attachments": [], **fields}


def query(*messages: Message, **fields: Any) -> dict[str, Any]:
    """The body of a query, as Poe sends it; a short question stands for messages when there are none."""
    ids = {"user_id": "u-" + "0" * 32, "conversation_id": "c-" + "0" * 32, "message_id": "m-" + "0" * 32}
    turns: Sequence[Message] = messages or (message(_QUESTION),)
    return {"version": "1.2", "type": "query", "query": turns, **ids, "metadata": "", **fields}


async def _read(response: httpx.Response, answer: Answer, asked_at: float) -> None:
    stream = EventStream()
    try:
        async for chunk in _at_most(response):
            answer.events += stream.feed(chunk)
            if answer.events and answer.seconds_to_first_event is None:
                answer.seconds_to_first_event = time.perf_counter() - asked_at
    except httpx.TransportError as exc:
        stream.violations.append(f"the connection broke before the end of the answer ({type(exc).__name__})")
    answer.events += stream.end()
    answer.violations = stream.violations


async def _at_most(response: httpx.Response) -> AsyncIterator[bytes]:
    """What comes, up to more than any answer may have."""
    size = 0
    async for chunk in response.aiter_bytes():
        yield chunk
        size += len(chunk)
        if size > _MOST_BYTES:
            return


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _without_coding(headers: httpx.Headers) -> httpx.Headers:
    kept = [
        (name, value) for name, value in headers.multi_items() if name not in ("content-encoding", "content-length")
    ]
    return httpx.Headers(kept)


def _checked_url(url: str) -> str:
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as exc:
        raise ConfigError(f"This is no address of a bot: {exc}.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigError("The address of a bot looks like https://you--poe-bots.modal.run/DemoBot.")
    if parsed.userinfo:
        raise ConfigError("The address should hold no name and no password: Poe sends none.")
    return str(parsed)


def _checked_key(key: str | None) -> str | None:
    key = (key or "").strip()
    # What a header cannot hold would come back as an error with the key in it.
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigError("An access key has neither blanks nor characters outside ASCII; this one cannot be sent.")
    return key or None
