"""From a bot's `get_response` to the frames of one well-formed answer.

The rules of the protocol that hold whatever a bot does: `meta` comes first and once, something is always said,
an error is said once and in plain words, `done` is last.
"""

import secrets
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any

import fastapi_poe as fp
import structlog

from utils.errors import BotError, BotErrorNoRetry, EmptyAnswer, KeyMissing, ProviderFailure

from ..base_bot import BaseBot
from ..sentences import NOTHING_ASKED, SHUTTING_DOWN, error_event
from .frames import DONE, FIRST_META, frame, frames_of

_log = structlog.get_logger(__name__)


class Answer:
    """One answer on its way: its frames, and what is needed to end it early."""

    def __init__(self, bot: fp.PoeBot, request: fp.QueryRequest, context: fp.RequestContext) -> None:
        self.bot = bot
        self.request = request
        self.context = context
        self.reference = secrets.token_hex(4)
        """Stands in the error that a person sees and in the log, so that the two can be brought together."""
        self.has_begun = False
        """Whether something was said, so that asking again would say it twice."""
        self.is_over = False
        """Whether the frame that is being given is the last one."""
        self._is_open = False

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Every frame of the answer, the last one with `done`."""
        try:
            async with aclosing(self._said()) as said:
                async for frames in said:
                    yield frames
            if not self.has_begun:
                raise EmptyAnswer("the bot said nothing")
            self.is_over = True
            yield DONE
        except Exception as exc:  # the edge where a person waits: whatever it is, they get a sentence
            self._report(exc)
            self.is_over = True
            yield frame("error", error_event(exc, self.reference, answer_has_begun=self.has_begun)) + DONE
        finally:
            self.bot._file_events_to_yield.pop(self.request.message_id, None)

    def early_end(self) -> bytes:
        """What is sent in place of the rest when the server is shutting down."""
        return frame("error", error_event(BotError(SHUTTING_DOWN), self.reference)) + DONE

    async def _said(self) -> AsyncGenerator[bytes, None]:
        """What the bot says, up to its end or to an error that it reports itself."""
        if not self.request.query:
            raise BotErrorNoRetry(NOTHING_ASKED)
        request = self.request
        if self.bot.should_insert_attachment_messages:
            request = self.bot.insert_attachment_messages(request)
        async with _closing(self.bot.get_response_with_context(request, self.context)) as events:
            async for event in events:
                if frames := self._frames_of(event):
                    yield frames
                if isinstance(event, fp.ErrorResponse):
                    return
        if files := self._files():
            yield files

    def _frames_of(self, event: Any) -> bytes:
        is_meta = isinstance(event, fp.MetaResponse)
        if is_meta and self._is_open:
            return b""  # Poe ignores all but the first
        needs_meta = not (self._is_open or is_meta) and isinstance(self.bot, BaseBot)
        self._is_open = True
        said = self._files() + b"".join(frames_of(event))
        if said and not is_meta:
            self.has_begun = True
        return FIRST_META + said if needs_meta else said

    def _files(self) -> bytes:
        """Files that the bot has uploaded since the last time: they come before the words that show them."""
        files = self.bot._file_events_to_yield.pop(self.request.message_id, ())
        if files:
            self.has_begun = True
        return b"".join(file.encode() for file in files)

    def _report(self, exc: Exception) -> None:
        fields = {"ref": self.reference, "bot": self.bot.bot_name, "error": type(exc).__name__}
        if isinstance(exc, KeyMissing):
            _log.info("answer.failed", **fields, detail=str(exc))  # the warning came once, when the bot was mounted
        elif isinstance(exc, ProviderFailure):
            _log.warning("answer.failed", **fields, provider=exc.provider, status=exc.status, detail=str(exc))
        elif isinstance(exc, BotError):
            _log.warning("answer.failed", **fields, detail=str(exc))
        else:
            _log.error("answer.failed", **fields, exc_info=exc)


def _closing(events: AsyncIterable[Any]) -> AbstractAsyncContextManager[AsyncIterable[Any]]:
    return aclosing(events) if isinstance(events, AsyncGenerator) else nullcontext(events)
