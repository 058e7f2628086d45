"""The demo as a `ChatProvider`, in this process. What goes wrong over HTTP is the nearest error here."""

import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from utils.chat import ChatRequest, Delta
from utils.errors import (
    BrokenStream,
    ContextTooLong,
    EmptyAnswer,
    KeyRefused,
    ModelNotFound,
    NotAStream,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unreachable,
)

from .directives import Trouble
from .pace import AT_ONCE, Pace, paced, silence
from .script import script_for


class DemoProvider:
    """Answers without a key and without a network, as the message orders. See `directives` for the orders."""

    def __init__(self, name: str = "demo", pace: Pace = AT_ONCE, default_model: str = "demo") -> None:
        self.name = name
        self.pace = pace
        self.default_model = default_model

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """The answer as it comes, or the `ProviderFailure` that was ordered."""
        script = script_for(request, request.model or self.default_model, self.pace)
        try:
            async with aclosing(paced(script.begun, script.pace, request.timeout)) as pieces:
                async for piece in pieces:
                    yield piece
            if script.trouble.name:
                await self._fail(script.trouble, request.timeout)
        except TimeoutError as error:
            raise TimedOut(f"the demo was silent for {request.timeout} seconds", provider=self.name) from error
        yield Delta(finish_reason=script.finish_reason, usage=script.usage)

    async def _fail(self, trouble: Trouble, patience: float | None) -> None:
        if trouble.name in _SILENT:
            await silence(math.inf, patience)
        raise _failure_class(trouble)(
            f"the demo was ordered to: {trouble.name}",
            provider=self.name,
            status=trouble.status or None,
            retry_after=trouble.retry_after,
        )


def _failure_class(trouble: Trouble) -> type[ProviderFailure]:
    if trouble.status:
        return _BY_STATUS.get(trouble.status, Overloaded if trouble.status >= 500 else RequestRejected)
    return _BY_NAME[trouble.name]


_SILENT = frozenset({"hang", "comments", "comment-flood", "roles", "no-headers", "no-body", "stall-after"})

_BY_NAME: Mapping[str, type[ProviderFailure]] = {
    **dict.fromkeys(("break", "nodone", "half-line", "half-character", "reset-after", "end-after"), BrokenStream),
    **dict.fromkeys(("endless-line", "bomb"), BrokenStream),
    "slam": Unreachable,
    "error-flood": Overloaded,
    "error-inside": Overloaded,
    "html": NotAStream,
    "empty": EmptyAnswer,
    "empty-body": EmptyAnswer,
}

_BY_STATUS: Mapping[int, type[ProviderFailure]] = {
    401: KeyRefused,
    402: QuotaExhausted,
    403: KeyRefused,
    404: ModelNotFound,
    408: TimedOut,
    413: ContextTooLong,
    429: RateLimited,
}
