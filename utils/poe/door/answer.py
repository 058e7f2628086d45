"""From a bot's `get_response` to the frames of one well-formed answer.

The rules of the protocol that hold whatever a bot does: `meta` comes first and once, something is always said,
an error is said once and in plain words, `done` is last.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Any

import fastapi_poe as fp
import structlog

from utils.chat import Origin
from utils.errors import BotError, EmptyAnswer, KeyMissing, ProviderFailure

from ..base_bot import BaseBot
from ..closing import closing
from ..sentences import NothingAsked, ShuttingDown, error_event
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
        files = self.bot._file_events_to_yield
        try:
            async with closing(self._events()) as events:
                async for event in events:
                    if type(event) is str and self.has_begun and not files:
                        yield event  # what most of an answer is
                        continue
                    for piece in self._pieces_of(event):
                        yield piece
                    if isinstance(event, fp.ErrorResponse):
                        return  # the bot has reported itself why there is no more
            for piece in self._last_pieces():
                yield piece
        except (Exception, SystemExit, asyncio.CancelledError) as exc:
            if _is_to_stop(exc):
                raise
            self._fail(exc)  # the edge where a person waits: whatever it is, they get a sentence
        finally:
            self.bot._file_events_to_yield.pop(self.request.message_id, None)

    @property
    def origin(self) -> Origin:
        """Where the question comes from, for what the bot asks a provider itself."""
        asked, name = self.request, str(self.bot.bot_name or "")
        return Origin("poe", name, asked.user_id, asked.conversation_id, asked.message_id, self.reference)

    def asides(self) -> Asides:
        """What the person reads besides the answer."""
        return Asides(self.language)

    def early_ending(self) -> bytes:
        """What closes the answer when the server is shutting down."""
        return frame("error", error_event(ShuttingDown(), self.reference, language=self.language)) + DONE

    def _fail(self, exc: BaseException) -> None:
        self._report(exc)
        event = error_event(exc, self.reference, answer_has_begun=self.has_begun, language=self.language)
        self.ending = frame("error", event) + DONE

    def _events(self) -> AsyncIterable[Any]:
        """What the bot says."""
        if not self.request.query:
            raise NothingAsked
        request = self.request
        if self.bot.should_insert_attachment_messages:
            request = self.bot.insert_attachment_messages(request)
        return self.bot.get_response_with_context(request, self.context)

    def _pieces_of(self, event: Any) -> Sequence[Piece]:
        is_meta = isinstance(event, fp.MetaResponse)
        if is_meta and self._is_open:
            return ()  # Poe ignores all but the first
        pieces = pieces_of(event)
        if not (self.has_begun or is_meta):
            self.has_begun = any(not isinstance(piece, Status) for piece in pieces)
        if self.request.message_id in self.bot._file_events_to_yield:
            pieces = [*self._files(), *pieces]
        if not self._is_open:
            self._is_open = True
            if isinstance(self.bot, BaseBot) and not is_meta:
                pieces = [FIRST_META, *pieces]
        return pieces

    def _last_pieces(self) -> Sequence[Piece]:
        """What is left when the bot has said all. Raises `EmptyAnswer` where it has said nothing."""
        files = self._files()
        if not self.has_begun:
            raise EmptyAnswer("the bot said nothing")
        return files

    def _files(self) -> list[bytes]:
        """Files that the bot has uploaded since the last time: they come before the words that show them."""
        files = self.bot._file_events_to_yield.pop(self.request.message_id, ())
        self.has_begun = self.has_begun or bool(files)
        return [file.encode() for file in files]

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


def _is_to_stop(exc: BaseException) -> bool:
    """Whether somebody wants this task to stop; what the bot itself has waited for may be cancelled, too."""
    if not isinstance(exc, asyncio.CancelledError):
        return False
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
