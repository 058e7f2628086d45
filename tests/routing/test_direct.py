"""What is asked without a chain is written down and paid for like everything else."""

import asyncio
from contextlib import aclosing

import pytest

from tests.routing.scripted import END, Scripted
from utils.chat import ChatMessage, ChatRequest, Delta, Embeddings, Origin, Usage
from utils.errors import BrokenStream, Overloaded
from utils.keys import Caller
from utils.ledger.budgets import Budgets, BudgetSpent, Limit, ProviderBudgetSpent
from utils.ledger.market import Market
from utils.providers import ProviderPool
from utils.registry import ProviderConfig, ProviderRegistry
from utils.registry.budget_config import BudgetConfig
from utils.routing.asker import asked_from
from utils.routing.course import forget
from utils.routing.direct import Books, RecordedProviders
from utils.routing.trace import Tried

QUESTION = ChatRequest((ChatMessage("user", "hello"),))
ANNA = Origin("openai", "", "anna", "", "", "ref1", "anna", "1 tokens per day")


class Embedding(Scripted):
    """Makes a vector, or fails."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.failure = failure

    async def embed(self, texts, model=None) -> Embeddings:
        if self.failure:
            raise self.failure
        return Embeddings(((1.0,),), "vector-1", Usage(7, 0))


class Desk:
    """Recorded providers with one that does as it is told, and what was written down."""

    def __init__(self, provider, *limits: Limit, record=None, began=forget, **entry) -> None:
        said = {"name": "p", "api_base": "https://p.example/v1", "models": ["m"], "embedding_model": "vector", **entry}
        pool = ProviderPool(ProviderRegistry([ProviderConfig.model_validate(said)]))
        pool._providers["p"] = _Made(provider)  # type: ignore[assignment]  # what the test wants asked
        self.records: list[tuple[Origin, Tried]] = []
        self.budgets = Budgets()
        keep = record or (lambda *tried: self.records.append(tried))
        books = Books(keep, lambda trace: None, self.budgets, Market(), began)
        self.providers = RecordedProviders(pool, Caller("Opinion", ("bots.opinion",)), books, limits, 60)

    def outcomes(self) -> list[tuple[str, str, str | None]]:
        return [(origin.bot, tried.outcome, tried.error) for origin, tried in self.records]


class _Made:
    is_made = True

    def __init__(self, provider) -> None:
        self._provider = provider
        self.stream = provider.stream

    def made(self):
        return self._provider

    async def aclose(self) -> None:
        pass


async def read(desk: Desk) -> list[Delta]:
    async with aclosing(desk.providers.get("p").stream(QUESTION)) as deltas:
        return [delta async for delta in deltas]


async def test_an_answer_is_recorded_once_with_all_that_is_known_of_it():
    desk = Desk(Scripted(Delta("Hello", model="m-2"), Delta(finish_reason="stop", usage=Usage(3, 4))))

    await read(desk)

    [(origin, tried)] = desk.records
    assert origin == Origin(bot="Opinion")
    assert (tried.provider, tried.model, tried.answered_by, tried.outcome) == ("p", "m", "m-2", "answered")
    assert (tried.usage, tried.pieces, tried.number) == (Usage(3, 4), 2, 1)
    assert tried.first_content is not None
    assert tried.ended_at > 0


async def test_it_is_known_who_asks_where_the_door_has_said_so():
    desk = Desk(Scripted(Delta("Hello"), END))

    with asked_from(Origin("poe", "Opinion", "u-1", "c-1", "m-1", "ref1")):
        await asyncio.gather(read(desk), read(desk))

    assert [origin for origin, _ in desk.records] == [Origin("poe", "Opinion", "u-1", "c-1", "m-1", "ref1")] * 2


@pytest.mark.parametrize(
    ("said", "outcome"), [((Overloaded("x"),), "failed"), ((Delta("He"), BrokenStream("x")), "broken")]
)
async def test_a_failure_is_recorded(said, outcome):
    desk = Desk(Scripted(*said))

    with pytest.raises((Overloaded, BrokenStream)) as failed:
        await read(desk)

    assert desk.outcomes() == [("Opinion", outcome, failed.type.__name__)]


async def test_who_stops_reading_has_cancelled():
    desk = Desk(Scripted(Delta("He"), Delta("llo"), END))

    async with aclosing(desk.providers.get("p").stream(QUESTION)) as deltas:
        await anext(deltas)

    assert desk.outcomes() == [("Opinion", "cancelled", None)]


async def test_who_stops_behind_the_end_has_the_whole_answer():
    desk = Desk(Scripted(Delta("Hello", finish_reason="stop"), Delta(usage=Usage(1, 1))))

    async with aclosing(desk.providers.get("p").stream(QUESTION)) as deltas:
        await anext(deltas)

    assert desk.outcomes() == [("Opinion", "answered", None)]


async def test_vectors_are_recorded_and_paid_for():
    desk = Desk(Embedding(), budget={"tokens": 5})

    made = await desk.providers.embed("p", ["hello"])
    await desk.budgets.settled()

    [(_, tried)] = desk.records
    [state] = await desk.budgets.state()
    assert made.model == tried.answered_by == "vector-1"
    assert (tried.model, tried.outcome, tried.usage) == ("vector", "answered", Usage(7, 0))
    assert (state.purse.owner, state.spent.tokens, state.reserved.tokens) == ("provider p", 7, 0)
    with pytest.raises(ProviderBudgetSpent):
        await desk.providers.embed("p", ["hello"])
    assert desk.outcomes()[1] == ("Opinion", "refused", "ProviderBudgetSpent")


async def test_vectors_that_failed_cost_nothing():
    desk = Desk(Embedding(Overloaded("x")), budget={"tokens": 5})

    with pytest.raises(Overloaded):
        await desk.providers.embed("p", ["hello"])
    await desk.budgets.settled()

    [state] = await desk.budgets.state()
    assert (state.spent.tokens, state.reserved.tokens) == (0, 0)
    assert desk.outcomes() == [("Opinion", "failed", "Overloaded")]


async def test_the_budgets_of_the_bot_and_of_the_client_hold():
    budget = BudgetConfig.model_validate({"tokens": 1, "scope": "bot"})
    desk = Desk(Scripted(Delta("Hello"), END), Limit("bot Opinion", budget))
    with asked_from(ANNA):
        await read(desk)
        await desk.budgets.settled()

        with pytest.raises(BudgetSpent):
            await read(desk)

    owners = {state.purse.owner for state in await desk.budgets.state() if state.spent.tokens}
    assert owners == {"bot Opinion", "client anna"}
