"""Takes money out of purses before an answer begins, and puts back what the answer did not need."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import structlog

from utils.chat import Origin
from utils.registry.budget_config import BudgetConfig

from ..trouble import StoreTrouble
from .book import Refusal
from .purse import NO_AMOUNT, Amount, Hold, Period, Purse, PurseState, Share
from .refusals import BudgetHeld, BudgetSpent, BudgetUnknown, ProviderBudgetSpent
from .store import BudgetStore, InMemory

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 0.25
_FIRST_PATIENCE_SECONDS = 3.0
_PAUSES = (0.2, 1.0, 5.0)
_GOODBYE_SECONDS = 5.0


def hashed(text: str) -> str:
    """An id that tells two people apart, and not who they are."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Limit:
    """A budget, and whose entry it stands in: `bot Poet`, `provider openai` or `client my-app`."""

    owner: str
    budget: BudgetConfig

    @property
    def scope(self) -> str:
        """What has a budget of its own; by default whose entry it stands in."""
        return self.budget.scope or self.owner.partition(" ")[0]


@dataclass
class Ticket:
    """What is reserved for one answer. Each one is settled once."""

    hold: Hold
    reserving: "asyncio.Task[Refusal | None]"


class Budgets:
    """The budgets of one server. They outlive a change of the files: what was spent stays spent."""

    def __init__(
        self,
        store: BudgetStore | None = None,
        *,
        clock: Callable[[], float] = time.time,
        patience: float = _PATIENCE_SECONDS,
        first_patience: float = _FIRST_PATIENCE_SECONDS,
        user_id: Callable[[str], str] = hashed,
    ) -> None:
        """`patience` is how long an answer waits for the store; it waits longer until the store has answered once.

        `user_id` gives people other names, and may raise `StoreTrouble` while it cannot.
        """
        self.store = store or InMemory()
        self._clock = clock
        self._patience = patience
        self._first_patience = first_patience
        self._user_id = user_id
        self._was_reached = False
        self._work: set[asyncio.Task[Any]] = set()

    async def reserve(
        self,
        limits: Sequence[Limit],
        amounts: Sequence[Amount],
        origin: Origin,
        provider: str,
        held_for: float,
    ) -> Ticket | None:
        """The money for one answer. Raises a `BudgetSpent` or another of the refusals.

        After `held_for` seconds it is free again, settled or not. None is nothing to settle: it is not even known
        whose the money would be, and the owner wants answers all the same.
        """
        try:
            hold = self._hold(limits, amounts, origin, provider, held_for)
        except StoreTrouble as trouble:
            self._do_without(limits, trouble)
            return None
        ticket = Ticket(hold, self._beside(self.store.reserve(hold, self._clock())))
        try:
            refusal = await self._answer_of_store(ticket, limits)
        except BaseException:
            self.release(ticket)
            raise
        if refusal is not None:
            raise _failure(refusal, provider, self._clock())
        return ticket

    def release(self, ticket: Ticket) -> None:
        """Nothing was spent."""
        self.settle(ticket, [NO_AMOUNT] * len(ticket.hold.shares))

    def settle(self, ticket: Ticket, spent: Sequence[Amount]) -> None:
        """So much was spent. It is written down in the background."""
        self._beside(self._settled(ticket, spent))

    def settle_with(self, ticket: Ticket, spent: Coroutine[Any, Any, Sequence[Amount]]) -> None:
        """The same where it takes a moment to know how much."""

        async def counted() -> None:
            await self._settled(ticket, await spent)

        self._beside(counted())

    async def state(self) -> list[PurseState]:
        """Every purse of the periods that are under way. Raises `StoreTrouble`."""
        return await self.store.states(self._clock())

    async def ready(self) -> None:
        """No answer has to wait for the store to be opened. Raises `StoreTrouble`."""
        await self.store.ready()
        self._was_reached = True

    async def settled(self) -> None:
        """Everything that was settled so far is written down."""
        while self._work:
            await asyncio.wait(tuple(self._work))

    async def aclose(self) -> None:
        """Write down what can be in a few seconds. What is still reserved becomes free by itself."""
        if self._work:
            await asyncio.wait(tuple(self._work), timeout=_GOODBYE_SECONDS)
        left = tuple(self._work)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _hold(
        self, limits: Sequence[Limit], amounts: Sequence[Amount], origin: Origin, provider: str, held_for: float
    ) -> Hold:
        now = self._clock()
        shares = []
        for limit, amount in zip(limits, amounts, strict=True):
            period = Period.at(now, limit.budget.per)
            purse = self._purse(limit, origin, provider, period)
            shares.append(Share(purse, limit.budget, period.ends, amount))
        return Hold(uuid4().hex, tuple(shares), now + held_for)

    def _purse(self, limit: Limit, origin: Origin, provider: str, period: Period) -> Purse:
        scope = limit.scope
        if scope == "all":
            return Purse("", scope, "", period.name)
        person = f"{origin.door}\0{origin.user}"
        who = {"user": person, "bot": origin.bot, "provider": provider, "client": origin.client}[scope]
        if scope == "user":
            # An id is only good at the door that gave it. Those without one are counted as one person.
            who = self._user_id(who)
        return Purse(limit.owner, scope, who, period.name)

    async def _answer_of_store(self, ticket: Ticket, limits: Sequence[Limit]) -> Refusal | None:
        patience = self._patience if self._was_reached else self._first_patience
        done, _ = await asyncio.wait({ticket.reserving}, timeout=patience)
        # Whatever went wrong there: whether to answer all the same is the owner's choice.
        trouble = ticket.reserving.exception() if done else TimeoutError("it did not answer in time")
        if trouble is None:
            self._was_reached = True
            return ticket.reserving.result()
        self._do_without(limits, trouble)
        return None

    def _do_without(self, limits: Sequence[Limit], trouble: BaseException) -> None:
        """Go on without the store, or raise `BudgetUnknown`."""
        closed = [limit for limit in limits if limit.budget.when_unavailable == "closed"]
        _log.warning("budget.unavailable", goes_on=not closed, reason=_reason(trouble))
        if closed:
            raise BudgetUnknown(f"the budget of {closed[0].owner} cannot be looked up") from trouble

    async def _settled(self, ticket: Ticket, spent: Sequence[Amount]) -> None:
        # What comes late from the store is known before it is given back.
        await asyncio.wait({ticket.reserving})
        if ticket.reserving.cancelled() or _is_refused(ticket.reserving):
            return
        for pause in (*_PAUSES, None):
            try:
                for share in await self.store.settle(ticket.hold, spent):
                    _warn(share)
            except StoreTrouble as exc:
                if pause is None:
                    _log.error("budget.not_settled", reason=str(exc), purses=len(spent))
                    return
                await asyncio.sleep(pause)
            else:
                return

    def _beside(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: "asyncio.Task[Any]") -> None:
        self._work.discard(task)
        if not task.cancelled() and (exc := task.exception()) and not isinstance(exc, StoreTrouble):
            _log.error("budget.failed", exc_info=exc)


def _reason(trouble: BaseException) -> str:
    return str(trouble) if isinstance(trouble, StoreTrouble | TimeoutError) else type(trouble).__name__


def _is_refused(reserving: "asyncio.Task[Refusal | None]") -> bool:
    return reserving.exception() is None and reserving.result() is not None


def _failure(refusal: Refusal, provider: str, now: float) -> BudgetSpent | BudgetHeld:
    share = refusal.share
    if not refusal.is_spent:
        return BudgetHeld(f"what is left of the budget of {_whose(share)} is reserved", provider=provider)
    begins = Period(share.purse.period, share.ends).next_begins
    is_of_provider = share.purse.scope == "provider" or share.purse.owner.startswith("provider ")
    spent = ProviderBudgetSpent if is_of_provider else BudgetSpent
    return spent(_whose(share), begins, provider=provider, wait=share.ends - now)


def _whose(share: Share) -> str:
    owner = share.purse.owner or "all bots"
    return owner if share.purse.scope in ("all", owner.partition(" ")[0]) else f"each {share.purse.scope} of {owner}"


def _warn(share: Share) -> None:
    _log.warning(
        "budget.warning",
        owner=share.purse.owner,
        scope=share.purse.scope,
        who=share.purse.who,
        period=share.purse.period,
        share=share.budget.warn_at,
        usd=None if share.budget.usd is None else str(share.budget.usd),
        tokens=share.budget.tokens,
    )
