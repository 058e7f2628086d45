"""Any OpenAI-compatible API as a `ChatProvider`.

The openai client gives the address, the authentication and the errors; the bytes of the answer are read by
`completion_stream`, for the client's own typed chunks cost 200 times as much.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import lru_cache, partial
from typing import Any

import msgspec
import openai
from openai import AsyncOpenAI, AsyncStream, Omit

from utils.chat import ChatRequest, Delta
from utils.errors import RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from .completion_stream import deltas_of
from .failures import FOREIGN, failure_from, was_never_sent
from .kinds import Parts
from .profiles import Learned, profile_of, remedied, remedy_for
from .request_body import model_of, request_body

_LONGEST_CONNECT = 10.0
_NO_KEY = "no-key-needed"


class OpenAIProvider:
    """Asks one endpoint. Who is asked next is decided above; only what is refused for a parameter is asked again."""

    def __init__(self, config: ProviderConfig, parts: Parts) -> None:
        self.config = config
        self._keys = parts.keys
        self._http = parts.http
        self._sdk: AsyncOpenAI | None = None
        self._learned = Learned(config.name)
        self._profile_of = lru_cache(partial(profile_of, config))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, one delta for each read from the network."""
        silence = request.timeout or self.config.timeout
        stream, key = await self._keys.first_accepted(lambda key: self._accepted(request, key, silence))
        adds_thinking = self._profile_of(model_of(self.config, request)).usage_excludes_reasoning
        try:
            async with aclosing(deltas_of(stream.response, self.config.name, key.secret, silence)) as deltas:
                async for delta in deltas:
                    yield _with_thinking_counted(delta) if adds_thinking else delta
        finally:
            await stream.close()

    async def _accepted(self, request: ChatRequest, key: Key, silence: float) -> tuple[AsyncStream[object], Key]:
        """The stream and its key; asked for once more, changed, where one of our parameters was refused."""
        model = model_of(self.config, request)
        profile = self._profile_of(model)
        body = remedied(request_body(self.config, request, profile), self._learned.of(model))
        try:
            return await self._open(body, key.secret, silence), key
        except RequestRejected as refusal:
            remedy = remedy_for(refusal, body)
            if remedy is None:
                raise
        try:
            stream = await self._open(remedied(body, remedy), key.secret, silence)
        except RequestRejected as second:
            # Another complaint shows that the first was heard: the next question begins where this one ends.
            if remedy_for(second, body) != remedy:
                self._learned.keep(model, remedy, profile)
            raise
        self._learned.keep(model, remedy, profile)
        return stream, key

    async def _open(self, body: Mapping[str, Any], key: str, silence: float) -> AsyncStream[object]:
        try:
            try:
                return await self._post(body, key, silence)
            except openai.APIConnectionError as exc:
                if not was_never_sent(exc):
                    raise
                # A kept connection that the provider has closed meanwhile: another one is as good as the first try.
                return await self._post(body, key, silence)
        except FOREIGN as exc:
            raise failure_from(exc, self.config.name, key) from exc
        except ValueError as exc:
            raise RequestRejected(f"this cannot be sent: {exc}", provider=self.config.name) from exc

    async def _post(self, body: Mapping[str, Any], key: str, silence: float) -> AsyncStream[object]:
        headers = dict(self.config.headers)
        if not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = f"Bearer {key or _NO_KEY}"
        return await self._client().post(
            "/chat/completions",
            cast_to=object,
            body=body,
            options={"headers": headers, "timeout": openai.Timeout(silence, connect=min(silence, _LONGEST_CONNECT))},
            stream=True,
            stream_cls=AsyncStream[object],
        )

    def _client(self) -> AsyncOpenAI:
        if self._sdk is None:
            self._sdk = AsyncOpenAI(
                # The key goes out with each request; whatever is left out here, the SDK takes from the environment
                # and would send OpenAI's key to whoever is at `base_url`.
                api_key=_NO_KEY,
                base_url=self.config.api_base,
                organization=self.config.organization_id,
                default_query={"api-version": self.config.api_version} if self.config.api_version else None,
                max_retries=0,
                http_client=self._http().client(),
            )
            # Not the constructor's `default_headers`: those are joined with OPENAI_CUSTOM_HEADERS of the environment.
            self._sdk._custom_headers = _headers_for_all(self.config)
        return self._sdk


def _with_thinking_counted(delta: Delta) -> Delta:
    """The delta whose usage has the tokens of thinking among those of the answer."""
    usage = delta.usage
    if usage is None:
        return delta
    output_tokens = usage.output_tokens + usage.reasoning_tokens
    return msgspec.structs.replace(delta, usage=msgspec.structs.replace(usage, output_tokens=output_tokens))


def _headers_for_all(config: ProviderConfig) -> Mapping[str, Any]:
    """Sent with every request: no organisation or project but the one that the entry names."""
    return {
        "OpenAI-Organization": config.organization_id or Omit(),
        "OpenAI-Project": Omit(),
        "Accept-Encoding": "identity",
    }
