"""One question over plain HTTP, up to the head of an answer that says success. All else is a `ProviderFailure`."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from utils.errors import ProviderFailure, RequestRejected

from .broken_connections import FOREIGN, not_opened
from .connections import Response
from .failures import from_status, without_secrets
from .http import SharedHttp
from .waits import wait_said

_SHORTEST_UPLOAD = 10.0
_SLOWEST_UPLOAD = 64 * 1024
"""In bytes a second."""
_LONGEST_ERROR = 256 * 1024
_LONGEST_WAIT_FOR_AN_ERROR = 5.0


class Exchange:
    """Asks for one provider over what all share. No redirect is followed: a key goes to the host that was named."""

    def __init__(self, provider: str, http: SharedHttp) -> None:
        self._provider = provider
        self._http = http

    async def opened(
        self, method: str, address: str, headers: Mapping[str, str], key: str, silence: float, body: bytes | None = None
    ) -> Response:
        """The response, its body not yet read. Whoever gets it closes it."""
        size = len(body) if body else 0
        # The silence is measured from when all is sent, and who reads nothing never lets that happen.
        longest_upload = _SHORTEST_UPLOAD + silence + size / _SLOWEST_UPLOAD
        try:
            response = await self._http.ask(method, address, headers, body, silence, longest_upload)
        except FOREIGN as exc:  # before ValueError: a certificate that is not trusted is both
            raise not_opened(exc, self._provider, key) from exc
        except ValueError as exc:
            raise self._not_sendable(exc, key) from exc
        if not 200 <= response.status < 300:
            raise await self._refusal(response, key)
        return response

    def _not_sendable(self, exc: Exception, key: str) -> ProviderFailure:
        return RequestRejected(f"this cannot be sent: {without_secrets(str(exc), key)}", provider=self._provider)

    async def _refusal(self, response: Response, key: str) -> ProviderFailure:
        text = (await _beginning_of(response)).decode("utf-8", "replace")
        said: object = text
        with suppress(ValueError, RecursionError):
            said = json.loads(text)
        if isinstance(said, dict) and isinstance(said.get("error"), dict):
            said = said["error"]
        if kind := response.headers.get("x-amzn-errortype"):
            said = {"type": kind, "body": said}
        wait = wait_said(response.headers, text)
        return from_status(response.status, said, self._provider, key, retry_after=wait)


async def _beginning_of(response: Response) -> bytes:
    """What has come of the body of an error: some have no end, and the status alone says enough."""
    body = bytearray()
    try:
        with suppress(*FOREIGN):
            async with asyncio.timeout(_LONGEST_WAIT_FOR_AN_ERROR):
                while len(body) < _LONGEST_ERROR and (part := await response.read()):
                    body += part
    finally:
        response.close()
    return bytes(body[:_LONGEST_ERROR])
