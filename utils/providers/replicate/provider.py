"""One entry of kind `replicate` as a `ChatProvider`."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, suppress
from typing import Any

import structlog

from utils.chat import ChatRequest, Delta, ModelInfo
from utils.errors import ProviderFailure
from utils.keys import Key
from utils.registry import ProviderConfig

from ..kinds import Parts
from .answer import Answer
from .api import Api
from .prediction import Prediction
from .question import ask_of
from .settings import ReplicateSettings

_log = structlog.get_logger(__name__)

_CANCEL_SECONDS = 5.0
_GRACE_SECONDS = 2.0


class ReplicateProvider:
    """Makes a prediction for each question, and stops it when nobody listens any more."""

    def __init__(self, config: ProviderConfig, parts: Parts) -> None:
        self.config = config
        self._settings = ReplicateSettings.model_validate(config.settings)
        self._keys = parts.keys
        self._api = Api(config, parts.http)
        self._background: set[asyncio.Task[None]] = set()

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models of the entry: Replicate lists thousands, of which few answer questions."""
        return tuple(ModelInfo(each.name, each.context, each.vision, tools=False) for each in self.config.models)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes; all at once from a model that has no stream."""
        silence = request.timeout or self.config.timeout
        prediction, key = await self._keys.first_accepted(
            lambda key: self._created(request, key, silence), only=request.key
        )
        answer = Answer(self._api, self.config.name, prediction, key.secret, silence)
        try:
            async with aclosing(answer.deltas()) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            if not answer.has_ended:
                self._in_background(self._cancelled(prediction, key))

    async def aclose(self) -> None:
        """Wait a little for the predictions that are being stopped: their requests are on the shared client."""
        if self._background:
            await asyncio.wait(self._background, timeout=_GRACE_SECONDS)

    async def _created(self, request: ChatRequest, key: Key, silence: float) -> tuple[Prediction, Key]:
        ask = ask_of(self.config, self._settings, request)
        creating = asyncio.ensure_future(self._api.create(ask.path, ask.body, key.secret, silence))
        try:
            # Not stopped with the one who asks: then the prediction would run, and nobody would know its id.
            return await asyncio.shield(creating), key
        except asyncio.CancelledError:
            self._in_background(self._taken_back(creating, key))
            raise

    async def _taken_back(self, creating: asyncio.Future[Prediction], key: Key) -> None:
        with suppress(ProviderFailure):
            await self._cancelled(await creating, key)

    async def _cancelled(self, prediction: Prediction, key: Key) -> None:
        """Stop the work, if that can be done soon. Nobody waits for it."""
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                await self._api.cancel(prediction, key.secret, _CANCEL_SECONDS)
        except (ProviderFailure, TimeoutError) as exc:
            _log.warning("prediction.not_cancelled", provider=self.config.name, error=type(exc).__name__)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
