"""From a bot's `get_response` to the frames of one well-formed answer.

The rules of the protocol that hold whatever a bot does: `meta` comes first and once, something is always said,
an error is said once and in plain words, `done` is last.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any

import fastapi_poe as fp
import structlog

from utils.errors import BotError, EmptyAnswer, KeyMissing, ProviderFailure

from ..base_bot import BaseBot
from ..sentences import NothingAsked, ShuttingDown, error_event
from ..words import Text, say
from .asides import Asides
from .frames import DONE, FIRST_META, Piece, Status, frame, pieces_of

_log = structlog.get_logger(__name__)


class Answer:
    """One answer in the making: its pieces, and how it ends."""

    def __init__(self, bot: fp.PoeBot, request: fp.QueryRequest, context: fp.RequestContext) -> None:
        self.bot = bot
        self.request = request
        self.context = context
        self.reference = secrets.token_hex(4)
        """Stands in the error that a person sees and in the log, so that the two can be brought together."""
        self.has_begun = False
        """Whether something was said, so that asking again would say it twice."""
        self.ending = DONE
        """What closes the answer once its pieces are over."""
        self._is_open = False

    @property
    def language(self) -> str:
        """The language of the one who asks."""
        return self.request.language_code

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """Every piece of the answer. Never raises: what goes wrong becomes its `ending`."""
        try:
            async with aclosing(self._said()) as said:
                async for piece in said:
                    yield piece
            if not self.has_begun:
                raise EmptyAnswer("the bot said nothing")
        except asyncio.CancelledError as exc:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            self._fail(exc)  # of something that the bot itself has waited for
        except (Exception, SystemExit) as exc:  # the edge where a person waits: whatever it is, they get a sentence
            self._fail(exc)
        finally:
            self.bot._file_events_to_yield.pop(self.request.message_id, None)

    def asides(self) -> Asides:
        """What the person reads besides the answer."""
        language = self.language
        return Asides(
            still_working=lambda seconds: say(Text.STILL_WORKING, language, seconds=seconds),
            too_long=say(Text.ANSWER_TOO_LONG, language),
            time_is_up=say(Text.TIME_IS_UP, language),
        )

    def early_ending(self) -> bytes:
        """What closes the answer when the server is shutting down."""
        return frame("error", error_event(ShuttingDown(), self.reference, language=self.language)) + DONE

    def _fail(self, exc: BaseException) -> None:
        self._report(exc)
        event = error_event(exc, self.reference, answer_has_begun=self.has_begun, language=self.language)
        self.ending = frame("error", event) + DONE

    async def _said(self) -> AsyncGenerator[Piece, None]:
        """What the bot says, up to its end or to an error that it reports itself."""
        if not self.request.query:
            raise NothingAsked
        request = self.request
        if self.bot.should_insert_attachment_messages:
            request = self.bot.insert_attachment_messages(request)
        async with _closing(self.bot.get_response_with_context(request, self.context)) as events:
            async for event in events:
                for piece in self._pieces_of(event):
                    yield piece
                if isinstance(event, fp.ErrorResponse):
                    return
        for piece in self._files():
            yield piece

    def _pieces_of(self, event: Any) -> Iterator[Piece]:
        is_meta = isinstance(event, fp.MetaResponse)
        if not (self._is_open or is_meta) and isinstance(self.bot, BaseBot):
            yield FIRST_META
        if is_meta and self._is_open:
            return  # Poe ignores all but the first
        self._is_open = True
        yield from self._files()
        for piece in pieces_of(event):
            self.has_begun = self.has_begun or not (is_meta or isinstance(piece, Status))
            yield piece

    def _files(self) -> Iterator[bytes]:
        """Files that the bot has uploaded since the last time: they come before the words that show them."""
        for file in self.bot._file_events_to_yield.pop(self.request.message_id, ()):
            self.has_begun = True
            yield file.encode()

    def _report(self, exc: BaseException) -> None:
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
