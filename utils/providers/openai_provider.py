"""Any OpenAI-compatible API as a `ChatProvider`.

Answers are asked for over the plain HTTP session that all providers share; the openai package, which costs ten times as
much for each request, is there for what is asked seldom.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import msgspec

from utils.chat import ChatRequest, Delta, Embeddings, ModelInfo, Usage
from utils.errors import ModelNotFound, ProviderFailure
from utils.keys import Key
from utils.registry import ProviderConfig

from .completion_stream import Asked, deltas_of
from .connections import Response
from .embedding import Vector, batches, vectors_in
from .exchange import Exchange
from .kinds import Parts
from .model_list import models_in
from .place import PlaceOf, bearer, headers_for
from .profiles import Learned, Remedy, known_as, profile_of
from .request_body import as_json, model_of, request_body

if TYPE_CHECKING:
    from .openai_sdk import OpenAISdk

_LONGEST_LISTING = 30.0
_LARGEST_LIST_MIB = 16
_LARGEST_VECTORS_MIB = 256
_NO_SUCH_PATH = frozenset((404, 405, 410, 501))


class OpenAIProvider:
    """Asks one endpoint. Who is asked next is decided above; only what is refused for a parameter is asked again."""

    def __init__(self, config: ProviderConfig, parts: Parts, place_of: PlaceOf = bearer) -> None:
        self.config = config
        self._place_of = place_of
        self._keys = parts.keys
        self._http = parts.http()
        self._exchange = Exchange(config.name, self._http)
        self._sdk: OpenAISdk | None = None
        self._learned = Learned(config.name)
        self._profile_of = lru_cache(partial(profile_of, config))
        # Names of models are kept in the ledger, and what stands behind an endpoint may put anything into one. To look
        # for all that is secret takes as long as all else here, so it is done once for each name.
        self._shown = lru_cache(parts.keys.masked)

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, one delta for each read from the network."""
        silence = request.timeout or self.config.timeout
        profile = self._profile_of(model_of(self.config, request))

        def ask() -> Awaitable[Asked]:
            return self._keys.first_accepted(lambda key: self._accepted(request, key, silence), only=request.key)

        def in_our_words(delta: Delta) -> Delta:
            if delta.model and delta.model != request.model:
                delta = msgspec.structs.replace(delta, model=self._shown(delta.model))
            return _with_thinking_counted(delta) if profile.usage_excludes_reasoning else delta

        return deltas_of(ask, self.config.name, silence, profile.reasoning_fields, in_our_words)

    def learned(self, model: str | None) -> Remedy:
        """Which parameters this model refuses, as far as it has shown."""
        return self._learned.of(model)

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
            sdk = await self._loaded_sdk()
            body = await sdk.whole("a list of models", "/models", key, seconds=silence, most_mib=_LARGEST_LIST_MIB)
        except ProviderFailure as failure:
            if failure.status not in _NO_SUCH_PATH:
                raise
            message = f"it lists no models: {failure}"
            raise ModelNotFound(message, provider=self.config.name, status=failure.status) from failure
        return models_in(body, self.config.name, key.secret)

    async def _embedded(self, texts: Sequence[str], model: str, key: Key) -> tuple[tuple[Vector, ...], Usage]:
        # Cohere wants to be told; everybody else takes it as the default.
        body = {"model": model, "input": list(texts), "encoding_format": "float"}
        seconds, sdk = self.config.timeout, await self._loaded_sdk()
        answer = await sdk.whole(
            "vectors", "/embeddings", key, seconds=seconds, most_mib=_LARGEST_VECTORS_MIB, body=body
        )
        return vectors_in(answer, len(texts), self.config.name, key.secret)

    async def _loaded_sdk(self) -> "OpenAISdk":
        """The openai client, made beside the event loop: to load its package takes half a second."""
        if self._sdk is None:
            self._sdk = await asyncio.to_thread(self._new_sdk)
        return self._sdk

    def _new_sdk(self) -> "OpenAISdk":
        from .openai_sdk import OpenAISdk

        return OpenAISdk(self.config, self._place_of, self._http.client())

    async def _accepted(self, request: ChatRequest, key: Key, silence: float) -> Asked:
        """The response and its key; asked for once more, changed, where one of our parameters was refused."""
        model = model_of(self.config, request)
        profile = self._profile_of(model)
        body = request_body(self.config, request, profile)
        response = await self._learned.accepted(lambda body: self._opened(body, key, silence), body, model, profile)
        return response, key

    async def _opened(self, body: Mapping[str, Any], key: Key, silence: float) -> Response:
        place = self._place_of(self.config, key, body.get("model"))
        address, headers = place.url("/chat/completions"), headers_for(self.config, place)
        return await self._exchange.opened(
            "POST", address, headers, key.secret, silence, as_json(body, self.config.name)
        )


def _with_thinking_counted(delta: Delta) -> Delta:
    """The delta whose usage has the tokens of thinking among those of the answer."""
    usage = delta.usage
    if usage is None:
        return delta
    output_tokens = usage.output_tokens + usage.reasoning_tokens
    return msgspec.structs.replace(delta, usage=msgspec.structs.replace(usage, output_tokens=output_tokens))
