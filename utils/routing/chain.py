"""The next provider answers when one fails before its first word."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
import structlog

from utils.chat import ChatProvider, ChatRequest, Delta
from utils.errors import ContentRefused, ProviderFailure, RequestRejected

_log = structlog.get_logger(__name__)

_FAULTS_OF_THE_QUESTION = (ContentRefused, RequestRejected)
"""Failures that every provider would have with the same question."""


@dataclass(frozen=True)
class Target:
    """A model at a provider."""

    provider: ChatProvider
    name: str
    model: str | None

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer of this model, whichever the request names."""
        return self.provider.stream(msgspec.structs.replace(request, model=self.model))


class Chain:
    """Asks its targets in their order. Once something of an answer has been said, no other takes over."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer of the first target that has one. When none has, the failure of the first is raised."""
        failures: list[ProviderFailure] = []
        for target in self.targets:
            started = False
            held: list[Delta] = []
            try:
                async with aclosing(target.stream(request)) as deltas:
                    async for delta in deltas:
                        held.append(delta)
                        started = started or delta.has_content
                        # A finish reason without a word, say, is not passed on while another target may take over.
                        while started and held:
                            yield held.pop(0)
                for delta in held:
                    yield delta
                return
            except ProviderFailure as failure:
                if started or isinstance(failure, _FAULTS_OF_THE_QUESTION):
                    raise
                failures.append(failure)
                _log.warning(
                    "target.failed",
                    target=target.name,
                    model=target.model,
                    error=type(failure).__name__,
                    detail=str(failure),
                )
        raise failures[0]
