"""Replicate's HTTP API for one entry: create, look at, listen to and cancel a prediction."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec

from utils.errors import ProviderFailure, RequestRejected, TimedOut, Unreachable
from utils.registry import ProviderConfig

from ..failures import FOREIGN, failure_from, from_status, was_never_sent, without_secrets
from ..waits import wait_said
from ..whole_body import bytes_of
from .addresses import DEFAULT_BASE, host_of, may_have_the_key
from .prediction import Prediction, prediction_in

if TYPE_CHECKING:
    from ..http import SharedHttp

_LONGEST_CONNECT = 10.0
_LONGEST_ERROR = 64 * 1024
_LARGEST_PREDICTION_MIB = 64


class Api:
    """The requests. Every failure is a `ProviderFailure`."""

    def __init__(self, config: ProviderConfig, http: "Callable[[], SharedHttp]") -> None:
        self._config = config
        self._http = http
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
    async def listen(self, prediction: Prediction, key: str, silence: float) -> AsyncIterator[httpx2.Response]:
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
            body = await bytes_of(
                response, "a prediction", self._config.name, key, seconds=silence, most_mib=_LARGEST_PREDICTION_MIB
            )
        return prediction_in(body, self._config.name, key)

    @asynccontextmanager
    async def _answered(
        self,
        method: str,
        url: str,
        key: str,
        silence: float,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """A response that says success, its body not yet read."""
        client = self._http().client()
        timeout = httpx2.Timeout(silence, connect=min(silence, _LONGEST_CONNECT))
        try:
            request = client.build_request(
                method, url, content=content, headers=self._headers(key, headers or {}), timeout=timeout
            )
            response = await _sent(client, request)
        except FOREIGN as exc:
            raise self._not_reached(exc, key) from exc
        except (ValueError, httpx2.InvalidURL) as exc:
            raise RequestRejected(f"this cannot be sent: {type(exc).__name__}", provider=self._config.name) from exc
        try:
            if not response.is_success:
                raise await self._refused(response, key)
            yield response
        finally:
            await response.aclose()

    def _headers(self, key: str, more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **more, **self._config.headers}
        if not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _not_reached(self, exc: Exception, key: str) -> ProviderFailure:
        failure = failure_from(exc, self._config.name, key)
        if isinstance(failure, TimedOut):
            return failure
        cause = exc.__cause__ or exc
        message = f"no connection: {type(cause).__name__}: {without_secrets(str(cause), key)}"
        return Unreachable(message, provider=self._config.name)

    async def _refused(self, response: httpx2.Response, key: str) -> ProviderFailure:
        try:
            body = await response.aread()
        except FOREIGN:
            body = b""
        text = body[:_LONGEST_ERROR].decode("utf-8", "replace")
        try:
            said = msgspec.json.decode(body)
        except msgspec.DecodeError:
            said = text
        wait = wait_said(response.headers, text)
        return from_status(response.status_code, said, self._config.name, key, retry_after=wait)


async def _sent(client: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    try:
        return await client.send(request, stream=True)
    except FOREIGN as exc:
        if not was_never_sent(exc):
            raise
        # A kept connection that was closed meanwhile: another one is as good as the first try.
        return await client.send(request, stream=True)
