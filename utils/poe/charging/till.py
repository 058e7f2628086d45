"""One bot's charging. An answer is authorised before the model is asked, and captured once, whatever becomes of it."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

import fastapi_poe as fp
import structlog

from utils.chat import ChatRequest, Delta, Usage
from utils.registry.bot_config import Charge
from utils.registry.provider_config import Price

from .cost import cost, expected_usage, tokens_in
from .cost_api import CostApi, is_chargeable
from .given import Given
from .rate_card import cost_label, rate_card
from .refusals import CostApiUnavailable, NotChargeable, NotPaid

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 1.0


class Charging(Protocol):
    """How a bot is paid for, or that it is free."""

    def paid_for(
        self, answer: AsyncGenerator[Delta, None], query: fp.QueryRequest, request: ChatRequest, price: Price | None
    ) -> AsyncGenerator[Delta, None]:
        """The answer, of which as much is paid as was said of it. Raises a `NotPaid` when it may not be given."""
        ...

    def rate_card(self) -> str | None:
        """The prices in Markdown, or None when nothing is charged."""
        ...

    def cost_label(self) -> str | None:
        """The price in a word, or None when nothing is charged."""
        ...

    async def aclose(self) -> None:
        """Everything that was said is paid for."""
        ...


class FreeOfCharge:
    """The charging of a bot that costs nothing."""

    def paid_for(
        self, answer: AsyncGenerator[Delta, None], query: fp.QueryRequest, request: ChatRequest, price: Price | None
    ) -> AsyncGenerator[Delta, None]:
        """The answer itself: everybody may ask, and nothing is to pay."""
        return answer

    def rate_card(self) -> str | None:
        """None: nothing is charged."""
        return None

    def cost_label(self) -> str | None:
        """None: nothing is charged."""
        return None

    async def aclose(self) -> None:
        """Nothing is open."""


class Till:
    """The charging of one bot, through a cost API that all bots share."""

    def __init__(
        self, charge: Charge, price: Price | None, api: CostApi, *, bot_name: str = "", remembered: int = 10_000
    ) -> None:
        self._charge = charge
        self._price = price
        self._api = api
        self._bot_name = bot_name
        self._sales = _Sales(remembered)
        self._open_captures: set[asyncio.Task[None]] = set()

    async def paid_for(
        self, answer: AsyncGenerator[Delta, None], query: fp.QueryRequest, request: ChatRequest, price: Price | None
    ) -> AsyncGenerator[Delta, None]:
        """The answer, of which as much is paid as was said of it. Raises a `NotPaid` when it may not be given."""
        await self.authorize(query, request, price)
        given = Given()
        try:
            async with aclosing(answer):
                async for delta in answer:
                    given.add(delta)
                    yield delta
        finally:
            await self.capture(query, given.usage, given.said, price)

    async def authorize(self, query: fp.QueryRequest, request: ChatRequest, price: Price | None = None) -> None:
        """The answer may be given: it can be paid for, or is free for once. Raises a `NotPaid` when it may not."""
        if not is_chargeable(query):
            if self._charge.when_unavailable == "closed":
                raise NotChargeable
            return
        sale = self._sales.of(query)
        async with sale.asking:
            if not (sale.is_captured or query.bot_query_id in sale.authorized):
                sale.expected = expected_usage(request)
                await self._authorize(query, sale, price)

    async def capture(
        self, query: fp.QueryRequest, usage: Usage | None, said: str, price_of_model_that_answered: Price | None
    ) -> None:
        """What was said is paid for, as far as it was authorised and is not paid for already.

        `said` is all that reached the person, the arguments of tool calls too. Of nothing, nothing is to pay.
        A caller that is cancelled need not wait: the capture goes on without it.
        """
        sale = self._sales.of(query)
        if not said or sale.is_captured or query.bot_query_id not in sale.authorized:
            return
        used = usage or Usage(sale.expected.input_tokens, tokens_in(len(said)))
        amount = cost(self._charge, price_of_model_that_answered or self._price, used)
        sale.is_captured = True  # before anybody else may run: what is asked for twice could be paid twice
        if amount:
            task = asyncio.create_task(self._capture(query, amount, is_estimate=usage is None))
            self._open_captures.add(task)
            task.add_done_callback(self._open_captures.discard)
            # Poe may forget the query when its answer ends, so the answer waits for this, but not for long.
            await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)

    def rate_card(self) -> str | None:
        """The prices in Markdown, or None when nothing is charged."""
        return rate_card(self._charge, self._price)

    def cost_label(self) -> str | None:
        """The price in a word, or None when nothing is charged."""
        return cost_label(self._charge, self._price)

    async def aclose(self) -> None:
        """Every capture that has begun is over. The cost API is its owner's to close."""
        while self._open_captures:
            await asyncio.wait(tuple(self._open_captures))

    async def _authorize(self, query: fp.QueryRequest, sale: "_Sale", price: Price | None) -> None:
        """The sale is authorised, or the answer is free for once."""
        amount = cost(self._charge, price or self._price, sale.expected)
        try:
            if amount:
                await self._api.authorize(query, amount)
            sale.authorized.add(query.bot_query_id)
        except CostApiUnavailable as exc:
            is_free = self._charge.when_unavailable == "open"
            _log.warning("charge.unavailable", **self._fields(query, amount), detail=str(exc), answers_free=is_free)
            if not is_free:
                raise

    async def _capture(self, query: fp.QueryRequest, amount: int, *, is_estimate: bool) -> None:
        fields = self._fields(query, amount) | {"estimated": is_estimate}
        try:
            await self._api.capture(query, amount)
        except NotPaid as exc:
            # Not tried again: Poe may have taken the points and only its reply is lost.
            _log.warning("charge.not_captured", **fields, error=type(exc).__name__, detail=str(exc))
        else:
            _log.info("charge.captured", **fields)

    def _fields(self, query: fp.QueryRequest, amount: int) -> dict[str, str | int]:
        return {"bot": self._bot_name, "message": query.message_id, "milli_cents": amount}


class _Sale:
    """One answer that is sold, however often Poe asks for it."""

    def __init__(self) -> None:
        self.asking = asyncio.Lock()
        """Held while Poe is asked, so that the same answer asked for twice at once is authorised once."""
        self.expected = Usage()
        self.authorized: set[str] = set()
        """The queries for it that Poe has authorised."""
        self.is_captured = False


class _Sales:
    """The sales of late. The oldest are forgotten."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_message: OrderedDict[str, _Sale] = OrderedDict()

    def of(self, query: fp.QueryRequest) -> _Sale:
        """The sale of the answer to this query."""
        # Poe sends a query again under the same message_id when the connection broke.
        name = query.message_id or query.bot_query_id
        sale = self._by_message.setdefault(name, _Sale())
        self._by_message.move_to_end(name)
        if len(self._by_message) > self._limit:
            self._by_message.popitem(last=False)
        return sale
