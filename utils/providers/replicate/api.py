"""Replicate's HTTP API for one entry: create, look at, listen to and cancel a prediction."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from utils.errors import ProviderFailure, RequestRejected
from utils.registry import ProviderConfig

from ..broken_connections import FOREIGN, broken_off
from ..connections import Response
from ..exchange import Exchange
from ..place import Place, headers_for
from ..whole_body import bytes_of
from .addresses import DEFAULT_BASE, host_of, may_have_the_key
from .prediction import Prediction, prediction_in

if TYPE_CHECKING:
    from ..http import SharedHttp

_LARGEST_PREDICTION_MIB = 64


class Api:
    """The requests. Every failure is a `ProviderFailure`."""

    def __init__(self, config: ProviderConfig, http: "Callable[[], SharedHttp]") -> None:
        self._config = config
        self._exchange = Exchange(config.name, http())
        self._base = (config.api_base or DEFAULT_BASE).rstrip("/")

    async def create(self, path: str, body: Mapping[str, Any], key: str, silence: float) -> Prediction:
        """A new prediction."""
        try:
            content = msgspec.json.encode(body)
        except (TypeError, UnicodeEncodeError) as exc:
            raise RequestRejected("this cannot be sent: it is no JSON", provider=self._config.name) from exc
        return await self._prediction("POST", path, key, silence, content)

    async def look(self, prediction: Prediction, key: str, silence: float) -> Prediction:
        """The prediction as it is now."""
        return await self._prediction("GET", f"/predictions/{prediction.id}", key, silence)

    async def cancel(self, prediction: Prediction, key: str, silence: float) -> None:
        """Stop the work on it."""
        async with self._answered("POST", f"{self._base}/predictions/{prediction.id}/cancel", key, silence):
            return

    @asynccontextmanager
    async def listen(self, prediction: Prediction, key: str, silence: float) -> AsyncIterator[Response]:
        """The open stream of its answer."""
        url = prediction.stream_url or ""
        if not may_have_the_key(url, self._base):
            where = f"the stream of the answer is at {host_of(url)}, which is not the host of `api_base`"
            message = f"{where}, so the key is not sent there; `settings: {{stream: false}}` does without a stream"
            raise ProviderFailure(message, provider=self._config.name)
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        async with self._answered("GET", url, key, silence, headers=headers) as response:
            yield response

    async def _prediction(
        self, method: str, path: str, key: str, silence: float, content: bytes | None = None
    ) -> Prediction:
        async with self._answered(method, f"{self._base}{path}", key, silence, content) as response:
            name, parts = self._config.name, _parts_of(response)
            try:
                body = await bytes_of(parts, "a prediction", name, seconds=silence, most_mib=_LARGEST_PREDICTION_MIB)
            except FOREIGN as exc:
                raise broken_off(exc, name, key) from exc
        return prediction_in(body, name, key)

    @asynccontextmanager
    async def _answered(
        self,
        method: str,
        url: str,
        key: str,
        silence: float,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Response]:
        """A response that says success, its body not yet read."""
        response = await self._exchange.opened(method, url, self._headers(key, headers or {}), key, silence, content)
        try:
            yield response
        finally:
            response.close()

    def _headers(self, key: str, more: Mapping[str, str]) -> dict[str, str]:
        place = Place(self._base, {"Authorization": f"Bearer {key}"})
        return {**headers_for(self._config, place), **more}


async def _parts_of(response: Response) -> AsyncIterator[bytes]:
    while part := await response.read():
        yield part
