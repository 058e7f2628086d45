"""AWS Bedrock as a `ChatProvider`, by Converse and ConverseStream."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any

from utils.chat import ChatRequest, Delta, Embeddings, Usage
from utils.errors import ModelNotFound, NotAStream, ProviderFailure, RequestRejected
from utils.keys import Key
from utils.registry import ProviderConfig

from ..kinds import Parts
from ..profiles import Learned, Remedy, profile_of
from ..request_body import model_of, request_body
from .answer import AnswerReader, deltas_in
from .clients import Clients
from .embedding import Vector, asked, batches, vectors_in
from .failures import failure_from, foreign
from .models import full_id
from .question import question
from .session import secrets_of
from .settings import settings_of

_SECONDS_FOR_THE_USAGE = 1.0
"""The count of tokens comes right behind the end of the answer, or not at all."""


class BedrockProvider:
    """Asks one region of AWS. Only what is refused for a parameter is asked again."""

    def __init__(self, config: ProviderConfig, parts: Parts) -> None:
        self.config = config
        self._settings = settings_of(config)
        self._keys = parts.keys
        self._clients = Clients(self.config, self._settings)
        self._learned = Learned(config.name)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer, one delta for each event of Bedrock's."""
        silence = request.timeout or self.config.timeout
        ask = partial(self._accepted, request, silence)
        response, key = await self._keys.first_accepted(ask, only=request.key)
        with self._translated(key):
            async with aclosing(self._deltas(response, silence)) as deltas:
                async for delta in deltas:
                    yield delta

    async def embed(self, texts: Sequence[str], model: str | None = None) -> Embeddings:
        """The vectors, of `embedding_model` where no other is named."""
        wanted = model or self.config.embedding_model
        if wanted is None:
            raise ModelNotFound("no `embedding_model` is configured, and none was named", provider=self.config.name)
        name = full_id(self.config.full_model_name(wanted), "")
        vectors: list[Vector] = []
        tokens = 0
        for batch in batches(texts, name, self.config.name):
            some, read = await self._keys.first_accepted(partial(self._embedded, batch, name))
            vectors += some
            tokens += read
        return Embeddings(tuple(vectors), name, Usage(input_tokens=tokens))

    def learned(self, model: str | None) -> Remedy:
        """Which parameters this model refuses, as far as it has shown."""
        return self._learned.of(model)

    async def aclose(self) -> None:
        """Close the connections to AWS."""
        await self._clients.aclose()

    async def _accepted(self, request: ChatRequest, silence: float, key: Key) -> tuple[Mapping[str, Any], Key]:
        """The response and its key; asked for once more, changed, where one of our parameters was refused."""
        model = model_of(self.config, request)
        if model is None:
            raise RequestRejected("no model is named: `default_model` of the entry does", provider=self.config.name)
        profile = profile_of(self.config, model)
        body = request_body(self.config, request, profile)
        opened = await self._learned.accepted(lambda body: self._open(model, body, key, silence), body, model, profile)
        return opened, key

    async def _open(self, model: str, body: Mapping[str, Any], key: Key, silence: float) -> Mapping[str, Any]:
        operation = "converse_stream" if self._settings.stream else "converse"
        with self._translated(key):
            return await self._called(operation, key, silence, model, **self._guarded(question(body)))

    async def _embedded(self, texts: Sequence[str], model: str, key: Key) -> tuple[tuple[Vector, ...], int]:
        silence = self.config.timeout
        with self._translated(key):
            response = await self._called("invoke_model", key, silence, model, body=asked(texts, model))
            async with asyncio.timeout(silence):
                return vectors_in(await response["body"].read(), len(texts))

    async def _called(
        self, operation: str, key: Key, silence: float, model: str, **arguments: Any
    ) -> Mapping[str, Any]:
        client = await self._clients.of(key)
        name = full_id(model, client.meta.region_name or "")
        ask = getattr(client, operation)
        try:
            async with asyncio.timeout(silence):
                response: Mapping[str, Any] = await ask(modelId=name, **arguments)
        except (AttributeError, UnicodeDecodeError) as exc:
            # botocore trips over the body of an error that is no object, as a proxy may send it.
            raise NotAStream("what came is no answer of AWS") from exc
        return response

    @contextmanager
    def _translated(self, key: Key) -> Iterator[None]:
        """What is raised inside as one of our failures, which says whose it is."""
        try:
            yield
        except foreign() as exc:
            raise failure_from(exc, self.config.name, secrets_of(key)) from exc
        except ProviderFailure as failure:
            failure.provider = self.config.name
            raise

    def _guarded(self, asked: dict[str, Any]) -> dict[str, Any]:
        guardrail = self._settings.guardrail
        if guardrail is None:
            return asked
        return {
            "guardrailConfig": {"guardrailIdentifier": guardrail.id, "guardrailVersion": guardrail.version},
            **asked,
        }

    async def _deltas(self, response: Mapping[str, Any], silence: float) -> AsyncGenerator[Delta, None]:
        if "stream" not in response:
            for delta in deltas_in(response):
                yield delta
            return
        reader, events = AnswerReader(), response["stream"]
        try:
            async for event in _each(events, reader, silence):
                if (said := reader.read(event)) is not None:
                    yield said
        finally:
            events.close()
        yield reader.end()


async def _each(events: Any, reader: AnswerReader, silence: float) -> AsyncGenerator[Mapping[str, Any], None]:
    """The events, until there are no more. What happens behind the end of the answer does not spoil it."""
    iterator = aiter(events)
    while True:
        try:
            async with asyncio.timeout(_SECONDS_FOR_THE_USAGE if reader.stop_reason else silence):
                event = await anext(iterator, None)
        except foreign():
            if reader.stop_reason is None:
                raise
            return
        if event is None:
            return
        yield event
