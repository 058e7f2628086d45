"""What every bot of this server is: a `fastapi_poe.PoeBot` that knows its name and the models it may ask."""

from collections.abc import AsyncIterable, Mapping
from typing import Any, ClassVar

import fastapi_poe as fp
import structlog
from pydantic import BaseModel
from sse_starlette import ServerSentEvent

from utils.providers import GrantedProviders, ProviderPool

from .house import House
from .pace import Pace
from .remark import Remark
from .settings_response import RESPONSE_VERSION

_log = structlog.get_logger(__name__)

Answer = AsyncIterable[fp.PartialResponse | ServerSentEvent | fp.DataResponse]
"""What `get_response` gives, as fastapi_poe has it."""


class BaseBot(fp.PoeBot):
    """Subclass it, give it a `bot_name`, override `get_response`, and put the file into `bots/`.

    Raise `BotError("…")` or `BotErrorNoRetry("…")` from `utils.errors` to tell the person who asks what went wrong.
    """

    bot_name: str | None = None
    bot_description: ClassVar[str] = ""
    version: ClassVar[str] = "1.0.0"
    settings_model: ClassVar[type[BaseModel] | None] = None
    """What `settings:` of bots.yaml may hold for this class; None means that the class takes what comes."""
    poe_settings: ClassVar[Mapping[str, Any]] = {}
    """Poe's own settings, such as introduction_message."""
    pace: Pace = Pace(flush=0.05, first_content=3.5)
    """When its words are sent on, and what is sent while there are none."""

    def __init__(self, **fields: Any) -> None:
        cls = type(self)
        defaults = {"bot_name": cls.bot_name, "path": _path_of(cls), "should_insert_attachment_messages": True}
        super().__init__(**{**defaults, **fields})
        self.settings: Any = {}

    def connect(self, house: House) -> None:
        """Called once by the server, before the first request."""
        self.house = house

    @property
    def providers(self) -> ProviderPool | GrantedProviders:
        """The providers that the bot may ask: those that its server has granted to it."""
        return self.house.providers

    @classmethod
    def check_settings(cls, settings: Mapping[str, Any]) -> Any:
        """`settings:` of bots.yaml as this class uses them. Raises a pydantic `ValidationError` on what is wrong."""
        return dict(settings) if cls.settings_model is None else cls.settings_model.model_validate(dict(settings))

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Called once by the server with `settings:` of bots.yaml."""
        self.settings = self.check_settings(settings)

    def get_response_with_context(self, request: fp.QueryRequest, context: fp.RequestContext) -> Answer:
        """`get_response` itself: what fastapi_poe puts around it does not stop when nobody listens any more."""
        return self.get_response(request)

    async def get_settings(self, setting: fp.SettingsRequest) -> fp.SettingsResponse:
        """Poe's settings for this bot."""
        return fp.SettingsResponse.model_validate({**self.poe_settings, "response_version": RESPONSE_VERSION})

    async def on_remark(self, remark: Remark) -> None:
        """Somebody said something about an answer: the one place for feedback, reactions and errors that Poe reports.

        Override it to do something with them.
        """
        log = _log.error if remark.kind == "error" else _log.info
        log(f"poe.{remark.kind}", bot=self.bot_name, said=remark.said, message=remark.message_id)

    async def on_feedback_with_context(
        self, feedback_request: fp.ReportFeedbackRequest, context: fp.RequestContext
    ) -> None:
        """A like or a dislike."""
        said = feedback_request
        remark = Remark("feedback", said.feedback_type, said.message_id, said.conversation_id, said.user_id)
        await self.on_remark(remark)

    async def on_reaction_with_context(
        self, reaction_request: fp.ReportReactionRequest, context: fp.RequestContext
    ) -> None:
        """A reaction."""
        said = reaction_request
        await self.on_remark(Remark("reaction", said.reaction, said.message_id, said.conversation_id, said.user_id))

    async def on_error_with_context(self, error_request: fp.ReportErrorRequest, context: fp.RequestContext) -> None:
        """Poe could not use an answer of ours."""
        await self.on_remark(Remark("error", error_request.message, details=error_request.metadata))

    def facts(self) -> dict[str, Any]:
        """What "bot info" answers: who the bot is. Nothing secret is in it."""
        return {"name": self.bot_name, "description": self.bot_description, "version": self.version}

    async def aclose(self) -> None:
        """Called once by the server, when it stops."""

    def __repr__(self) -> str:
        # The dataclass' own repr holds the access key.
        return f"<{type(self).__name__} {self.bot_name!r} at {self.path}>"


def _path_of(cls: type[BaseBot]) -> str:
    own = cls.__dict__.get("path")
    return own if isinstance(own, str) else f"/{cls.bot_name}"
