"""A question to /chat on its way: whom it is for, what it stands on, and what has been said so far."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from utils.chat import ChatMessage, ChatRequest, Delta
from utils.ledger.bills import Bill
from utils.ledger.chat_turns import Turn
from utils.ledger.chats import Chats, Conversation

from ..asking import Asking
from ..catalogue import Asked, Wishes
from ..pictures import picture
from ..refusals import Refused, WrongField
from ..said import Said
from ..visit import Visit
from .body import ChatQuestion
from .history import history_of
from .keeping import Keeping


@dataclass
class Exchange:
    """A question, and its answer as far as it is here."""

    visit: Visit
    asked: Asked
    conversation: Conversation
    question: Turn
    request: ChatRequest
    bill: Bill
    notes: tuple[str, ...] = ()
    """What the person should know of what the model was not shown."""
    in_place_of: int = 0
    """So many of the last messages go for it."""
    said: Said = field(default_factory=Said)
    is_to_be_kept: bool = True
    first_content: float | None = None
    """Seconds from the request to the first of the answer."""

    def heard(self, delta: Delta) -> None:
        """Take in what was said."""
        if self.first_content is None and delta.has_content:
            self.first_content = self.seconds
        self.said.add(delta)

    @property
    def seconds(self) -> float:
        """Since the request came."""
        return monotonic() - self.visit.began


async def exchange_of(
    question: ChatQuestion, visit: Visit, asking: Asking, keeping: Keeping, stack: ExitStack
) -> Exchange:
    """The question, ready to be asked. What has to end with it is on the stack. Raises `Refused`."""
    _refuse_half(question)
    conversation, turns = await _before(question, visit, keeping, stack)
    before, asked_again = _split(turns) if question.regenerate else (turns, [])
    asked = _asked(question, visit, asking, conversation)
    if asked_again:
        new = msgspec.structs.replace(asked_again[0], at=0.0)
    else:
        images = tuple(picture(url, asked.images, f"images[{at}]").url for at, url in enumerate(question.images))
        new = Turn("user", question.message or "", images=images, pictures=len(images))
    system = question.system if question.system is not None else conversation.system if conversation else None
    if conversation is None:
        conversation = Chats.new(asked.name, new.text, system)
        stack.enter_context(keeping.going_on(visit.client.owner, conversation.id))
    conversation = msgspec.structs.replace(conversation, asked=asked.name, system=system)
    asked.count(visit.client)
    history = await history_of([*before, new], asked.images, asking.fetch, is_new=not asked_again)
    told = (ChatMessage("system", system),) if system else ()
    origin = visit.origin("chat", asked.bot_name, conversation=conversation.id)
    request = asked.request((*told, *history.messages), _wishes(question), origin)
    request = msgspec.structs.replace(request, messages=asked.fitted(request), fresh=question.regenerate)
    bill = stack.enter_context(asking.bills.opened(visit.reference))
    notes, wanted = history.notes, question.keep
    return Exchange(visit, asked, conversation, new, request, bill, notes, len(asked_again), is_to_be_kept=wanted)


def no_such_conversation() -> Refused:
    """It is not there, or it is somebody else's: which of the two nobody is told."""
    message = "There is no conversation with this id."
    return Refused(404, message, param="conversation_id", code="conversation_not_found")


def _refuse_half(question: ChatQuestion) -> None:
    missing = "missing_required_parameter"
    if not question.regenerate and question.message is None:
        raise WrongField("`message` is missing.", "message", code=missing)
    if not question.regenerate:
        return
    if question.message is not None or question.images:
        name = "images" if question.message is None else "message"
        raise WrongField(f"`{name}`: `regenerate` asks the last question anew, so there is no other one.", name)
    if question.conversation_id is None:
        raise WrongField("`conversation_id` is missing: it says whose last answer.", "conversation_id", code=missing)


async def _before(
    question: ChatQuestion, visit: Visit, keeping: Keeping, stack: ExitStack
) -> tuple[Conversation | None, list[Turn]]:
    """The conversation so far, in which nobody else may go on meanwhile."""
    id, owner = question.conversation_id, visit.client.owner
    if id is None:
        return None, []
    await keeping.settled(owner, id)
    stack.enter_context(keeping.going_on(owner, id))
    conversation = await keeping.chats.find(owner, id)
    if conversation is None:
        raise no_such_conversation()
    return conversation, await keeping.chats.turns(owner, id)


def _split(turns: list[Turn]) -> tuple[list[Turn], list[Turn]]:
    """What comes before the last question, and the rest."""
    at = next((at for at in reversed(range(len(turns))) if turns[at].role == "user"), None)
    if at is None:
        raise WrongField("`regenerate`: nothing was asked in this conversation yet.", "regenerate")
    return turns[:at], turns[at:]


def _asked(question: ChatQuestion, visit: Visit, asking: Asking, conversation: Conversation | None) -> Asked:
    """Who is named; else who has answered in this conversation before."""
    catalogue = asking.catalogue()
    if conversation is not None and not any((question.bot, question.provider, question.model)):
        return catalogue.asked(visit.client, conversation.asked)
    return catalogue.asked(visit.client, question.model, bot=question.bot, provider=question.provider)


def _wishes(question: ChatQuestion) -> Wishes:
    """What was said of an answer can be taken back: who reads the events is told so."""
    params = {"reasoning_effort": question.reasoning_effort} if question.reasoning_effort else {}
    return Wishes(question.temperature, question.max_tokens, params=params, can_restart=True)
