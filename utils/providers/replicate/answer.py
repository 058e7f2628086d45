"""The answer of one prediction: read while it is made, or asked for until it is there."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic

from utils.chat import Delta
from utils.errors import BrokenStream, EmptyAnswer, NotAStream, ProviderFailure, TimedOut

from ..broken_connections import FOREIGN, broken_off
from ..connections import Response
from .api import Api
from .events import Event, NamedEvents
from .prediction import Prediction, failure_in, failure_of, text_of

_COUNT_SECONDS = 2.0
"""How long the count of tokens is waited for when all has been said."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class Answer:
    """What comes of a prediction. `has_ended` tells whether there is still something to stop."""

    def __init__(self, api: Api, provider: str, prediction: Prediction, key: str, silence: float) -> None:
        self.prediction = prediction
        self.has_ended = prediction.has_ended
        self._api = api
        self._provider = provider
        self._key = key
        self._silence = silence

    def deltas(self) -> AsyncGenerator[Delta, None]:
        """The answer as it comes; all at once from a model that has no stream."""
        if self.has_ended or self.prediction.stream_url is None:
            return self._whole()
        return self._streamed()

    async def _streamed(self) -> AsyncGenerator[Delta, None]:
        has_content, last = False, None
        async with self._api.listen(self.prediction, self._key, self._silence) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotAStream("the stream of the prediction is no event stream", provider=self._provider)
            async with aclosing(self._read(response)) as reads:
                async for events in reads:
                    if text := "".join(event.data for event in events if event.name == "output"):
                        has_content = True
                        yield Delta(text)
                    last = next((event for event in events if event.name in ("error", "done")), None)
                    if last is not None:
                        break
        if last is None:
            raise BrokenStream("the stream ended before the answer", provider=self._provider)
        self.has_ended = True
        final = await self._final()
        if failure := self._failure_in(last, final):
            raise failure
        if not has_content:
            raise EmptyAnswer("the answer ended without any content", provider=self._provider)
        yield Delta(finish_reason="stop", usage=final.usage)

    async def _read(self, response: Response) -> AsyncGenerator[list[Event], None]:
        """The events, as many at once as one read brings."""
        named, last = NamedEvents(), monotonic()
        try:
            while chunk := await response.read():
                if events := named.feed(chunk):
                    yield events
                    last = monotonic()
                elif monotonic() - last > self._silence:
                    # Comments keep the connection alive, so its own timeout does not see that nothing comes.
                    raise TimedOut(f"no content for {self._silence:g} seconds", provider=self._provider)
        except FOREIGN as exc:
            raise broken_off(exc, self._provider, self._key) from exc
        except ProviderFailure as failure:
            failure.provider = self._provider
            raise

    async def _whole(self) -> AsyncGenerator[Delta, None]:
        pause, prediction, last = _FIRST_PAUSE, self.prediction, monotonic()
        while not prediction.has_ended:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            before, prediction = prediction, await self._api.look(prediction, self._key, self._silence)
            if prediction.progress != before.progress:
                last = monotonic()
            elif not prediction.has_ended and monotonic() - last > self._silence:
                raise TimedOut(f"no sign of life for {self._silence:g} seconds", provider=self._provider)
        self.has_ended = True
        if not (text := text_of(prediction, self._provider, self._key)):
            raise EmptyAnswer("the answer ended without any content", provider=self._provider)
        yield Delta(text, finish_reason="stop", usage=prediction.usage)

    async def _final(self) -> Prediction:
        """The prediction with its count of tokens and its error; as it was at first when they cannot be had."""
        try:
            async with asyncio.timeout(_COUNT_SECONDS):
                return await self._api.look(self.prediction, self._key, _COUNT_SECONDS)
        except (ProviderFailure, TimeoutError):
            return self.prediction

    def _failure_in(self, last: Event, final: Prediction) -> ProviderFailure | None:
        """What the last event of a stream reports, if it is no success."""
        try:
            said = json.loads(last.data or "{}")
        except ValueError:
            said = last.data
        fields = said if isinstance(said, dict) else {}
        if last.name == "error":
            return failure_in(fields.get("detail") or final.error or said, self._provider, self._key)
        if fields.get("reason") == "canceled":
            return BrokenStream("the prediction was canceled", provider=self._provider)
        return failure_of(final, self._provider, self._key) if fields.get("reason") else None
