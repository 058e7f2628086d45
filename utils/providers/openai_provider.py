"""Any OpenAI-compatible API as a `ChatProvider`.

The openai client gives the address, the authentication and the errors; the bytes of the answer are read by
`completion_stream`, for the client's own typed chunks cost 200 times as much.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache, partial
from typing import Any

import msgspec
import openai
from openai import AsyncOpenAI, AsyncStream, Omit

from utils.chat import ChatRequest, Delta, Embeddings, ModelInfo, Usage
from utils.errors import ModelNotFound, ProviderFailure, RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from .completion_stream import deltas_of
from .embedding import Vector, batches, vectors_in
from .failures import FOREIGN, failure_from, was_never_sent
from .kinds import Parts
from .model_list import models_in
from .place import NO_KEY, PlaceOf, bearer
from .profiles import Learned, known_as, profile_of
from .request_body import model_of, request_body
from .whole_body import json_of

_LONGEST_CONNECT = 10.0
_LONGEST_LISTING = 30.0
_LARGEST_LIST_MIB = 16
_LARGEST_VECTORS_MIB = 256
_NO_SUCH_PATH = frozenset((404, 405, 410, 501))
_NOWHERE = "http://nowhere.invalid"


class OpenAIProvider:
    """Asks one endpoint. Who is asked next is decided above; only what is refused for a parameter is asked again."""

    def __init__(self, config: ProviderConfig, parts: Parts, place_of: PlaceOf = bearer) -> None:
        self.config = config
        self._place_of = place_of
        self._keys = parts.keys
        self._http = parts.http
        self._sdk: AsyncOpenAI | None = None
        self._learned = Learned(config.name)
        self._profile_of = lru_cache(partial(profile_of, config))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, one delta for each read from the network."""
        silence = request.timeout or self.config.timeout
        stream, key = await self._keys.first_accepted(
            lambda key: self._accepted(request, key, silence), only=request.key
        )
        profile = self._profile_of(model_of(self.config, request))
        adds_thinking, fields = profile.usage_excludes_reasoning, profile.reasoning_fields
        try:
            async with aclosing(deltas_of(stream.response, self.config.name, key.secret, silence, fields)) as deltas:
                async for delta in deltas:
                    if delta.model and delta.model != request.model:
                        # The name is kept in the ledger, and what stands behind an endpoint may put anything into it.
                        delta = msgspec.structs.replace(delta, model=self._keys.masked(delta.model))
                    yield _with_thinking_counted(delta) if adds_thinking else delta
        finally:
            await stream.close()

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models as the provider lists them now. Raises a `ModelNotFound` when it has no such list."""
        if not self._profile_of(None).models_list:
            raise ModelNotFound("its API lists no models", provider=self.config.name)
        return await self._keys.first_accepted(lambda key: self._listed(key))

    async def embed(self, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The vectors, of `embedding_model` where no other is named."""
        wanted = model or self.config.embedding_model
        if wanted is None:
            raise ModelNotFound("no `embedding_model` is configured, and none was named", provider=self.config.name)
        name = self.config.full_model_name(wanted)
        vectors: list[Vector] = []
        tokens = 0
        for batch in batches(texts, known_as(self.config)):
            some, usage = await self._keys.first_accepted(partial(self._embedded, batch, name))
            vectors += some
            tokens += usage.input_tokens
        return Embeddings(tuple(vectors), name, Usage(input_tokens=tokens))

    async def _listed(self, key: Key) -> tuple[ModelInfo, ...]:
        silence = min(self.config.timeout, _LONGEST_LISTING)
        try:
            body = await self._whole("a list of models", None, key, silence, "/models", _LARGEST_LIST_MIB)
        except ProviderFailure as failure:
            if failure.status not in _NO_SUCH_PATH:
                raise
            message = f"it lists no models: {failure}"
            raise ModelNotFound(message, provider=self.config.name, status=failure.status) from failure
        return models_in(body, self.config.name, key.secret)

    async def _embedded(self, texts: Sequence[str], model: str, key: Key) -> tuple[tuple[Vector, ...], Usage]:
        # Cohere wants to be told; everybody else takes it as the default.
        body = {"model": model, "input": list(texts), "encoding_format": "float"}
        answer = await self._whole("vectors", body, key, self.config.timeout, "/embeddings", _LARGEST_VECTORS_MIB)
        return vectors_in(answer, len(texts), self.config.name, key.secret)

    async def _whole(
        self, what: str, body: Mapping[str, Any] | None, key: Key, seconds: float, path: str, most_mib: int
    ) -> object:
        """The answer as JSON that came in one piece."""
        stream = await self._open(body, key, seconds, path)
        try:
            return await json_of(
                stream.response, what, self.config.name, key.secret, seconds=seconds, most_mib=most_mib
            )
        finally:
            await stream.close()

    async def _accepted(self, request: ChatRequest, key: Key, silence: float) -> tuple[AsyncStream[object], Key]:
        """The stream and its key; asked for once more, changed, where one of our parameters was refused."""
        model = model_of(self.config, request)
        profile = self._profile_of(model)
        body = request_body(self.config, request, profile)
        stream = await self._learned.accepted(lambda body: self._open(body, key, silence), body, model, profile)
        return stream, key

    async def _open(
        self, body: Mapping[str, Any] | None, key: Key, silence: float, path: str = "/chat/completions"
    ) -> AsyncStream[object]:
        try:
            try:
                return await self._send(body, key, silence, path)
            except openai.APIConnectionError as exc:
                if not was_never_sent(exc):
                    raise
                # A kept connection that the provider has closed meanwhile: another one is as good as the first try.
                return await self._send(body, key, silence, path)
        except FOREIGN as exc:
            raise failure_from(exc, self.config.name, key.secret) from exc
        except ValueError as exc:
            raise RequestRejected(f"this cannot be sent: {exc}", provider=self.config.name) from exc

    async def _send(self, body: Mapping[str, Any] | None, key: Key, silence: float, path: str) -> AsyncStream[object]:
        """The beginning of the answer to this body; without one, something is only asked for."""
        place = self._place_of(self.config, key, body.get("model") if body else None)
        headers: dict[str, str | Omit] = dict(self.config.headers)
        named = {name.lower() for name in headers}
        if "authorization" not in named:
            headers["Authorization"] = Omit()  # without a word about it the SDK sends what it has
            if named.isdisjoint(map(str.lower, place.headers)):
                headers |= place.headers
        client = self._client()
        send = client.get if body is None else partial(client.post, body=body)
        return await send(
            place.url(path),
            cast_to=object,
            options={
                "headers": headers,
                "params": place.query,
                "timeout": openai.Timeout(silence, connect=min(silence, _LONGEST_CONNECT)),
            },
            stream=True,
            stream_cls=AsyncStream[object],
        )

    def _client(self) -> AsyncOpenAI:
        if self._sdk is None:
            self._sdk = AsyncOpenAI(
                # The key goes out with each request; whatever is left out here, the SDK takes from the environment
                # and would send OpenAI's key to whoever is at `base_url`.
                api_key=NO_KEY,
                base_url=self.config.api_base or _NOWHERE,
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
