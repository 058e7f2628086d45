"""The ledger hears of an attempt before anybody is asked, and of its end under the same name."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import pytest

from tests.routing.scripted import END, QUESTION, Scripted, down, lane, now, read, saying, target
from tests.routing.test_direct import Desk, Embedding
from utils.chat import ChatRequest, Delta, Origin
from utils.errors import ProviderFailure
from utils.ledger import Forgetful, UsageRecord
from utils.routing import Chain, Policy
from utils.routing.gate import Gate
from utils.routing.patience import Patience
from utils.routing.records import Records
from utils.routing.trace import Tried


class Told:
    """What is told to the ledger, and when somebody is asked, in one list."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self._numbers: dict[str, str] = {}

    def began(self, origin: Origin, tried: Tried) -> None:
        self.events.append(("begins", self._name(tried)))

    def ended(self, origin: Origin, tried: Tried) -> None:
        self.events.append((tried.outcome, self._name(tried)))

    def hears(self, provider) -> "Asked":
        return Asked(provider, self.events)

    def _name(self, tried: Tried) -> str:
        return self._numbers.setdefault(tried.id, f"attempt {len(self._numbers) + 1}")


class Asked:
    def __init__(self, provider, events: list[tuple[str, str]]) -> None:
        self._provider = provider
        self._events = events

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        self._events.append(("asked", ""))
        async with aclosing(self._provider.stream(request)) as deltas:
            async for delta in deltas:
                yield delta


def chain(told: Told, *providers, **policy) -> Chain:
    targets = [target(told.hears(provider), f"p{number}") for number, provider in enumerate(providers)]
    return Chain(targets, Policy(**policy), patience=Patience(first=0.0), record=told.ended, began=told.began)


async def test_an_answer_begins_before_its_provider_is_asked():
    told = Told()

    await read(chain(told, saying("Hello")))

    assert told.events == [("begins", "attempt 1"), ("asked", ""), ("answered", "attempt 1")]


async def test_every_attempt_of_an_answer_begins_and_ends():
    told = Told()

    await read(chain(told, down(), saying("Hello")))

    assert told.events == [
        *(("begins", "attempt 1"), ("asked", ""), ("failed", "attempt 1")),
        *(("begins", "attempt 2"), ("asked", ""), ("answered", "attempt 2")),
    ]


async def test_who_is_outrun_has_begun_and_ended_too():
    told = Told()

    await read(chain(told, Scripted(9.0, "late", END), saying("Hello"), hedge_after=0.0))

    assert [event for event in told.events if event[0] == "begins"] == [
        ("begins", "attempt 1"),
        ("begins", "attempt 2"),
    ]
    assert sorted(told.events[-2:]) == [("answered", "attempt 2"), ("outrun", "attempt 1")]


async def test_who_still_waits_for_a_place_has_not_begun():
    told, way = Told(), lane()
    way.gate = Gate(1, 10, now)
    one = Chain([target(told.hears(saying("Hello")), "p", "m", way)], record=told.ended, began=told.began)
    async with way.gate.place("somebody else", 1):
        waiting = asyncio.create_task(read(one))
        while not way.gate.snapshot().waiting:
            await asyncio.sleep(0)
        while_it_waits = list(told.events)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting

    assert while_it_waits == []
    assert told.events == [("cancelled", "attempt 1")]


@pytest.mark.parametrize("provider", [saying("Hello"), down()], ids=["answered", "failed"])
async def test_what_is_asked_without_a_chain_begins_and_ends(provider):
    told = Told()
    desk = Desk(told.hears(provider), began=told.began, record=told.ended)

    with suppress(ProviderFailure):
        async with aclosing(desk.providers.get("p").stream(QUESTION)) as deltas:
            assert [delta async for delta in deltas]

    assert [name for name, _ in told.events[:2]] == ["begins", "asked"]
    assert told.events[2:] == [("answered" if provider.script[-1] is END else "failed", "attempt 1")]


async def test_vectors_begin_and_end():
    told = Told()
    desk = Desk(Embedding(), began=told.began, record=told.ended)

    await desk.providers.embed("p", ["hello"])

    assert told.events == [("begins", "attempt 1"), ("answered", "attempt 1")]


class Ledger(Forgetful):
    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.begun: list[UsageRecord] = []
        self.written: list[UsageRecord] = []
        self._fails = fails

    def begin(self, record: UsageRecord) -> None:
        if self._fails:
            raise RuntimeError
        self.begun.append(record)

    def write(self, record: UsageRecord) -> None:
        self.written.append(record)


async def test_the_record_of_a_beginning_says_who_asks_whom_and_nothing_of_what_came_of_it():
    ledger, origin = Ledger(), Origin("poe", "Poet", "u", "c", "m", "ref")
    records, tried = Records(ledger), Tried(2, "openai", "gpt", "KEY", "b")

    records.began(origin, tried)
    tried.outcome = "answered"
    records(origin, tried)

    [begun], [written] = ledger.begun, ledger.written
    assert begun.id == written.id
    assert (begun.bot, begun.user, begun.provider, begun.model, begun.key) == ("Poet", "u", "openai", "gpt", "KEY")
    assert (begun.attempt, begun.variant, begun.reference) == (2, "b", "ref")
    assert begun.input_tokens is begun.output_tokens is begun.cost is begun.first_content is None
    assert (begun.outcome, written.outcome) == ("cancelled", "answered")


async def test_a_ledger_that_fails_at_the_beginning_spoils_no_answer():
    ledger = Ledger(fails=True)
    records = Records(ledger)

    await read(Chain([target(saying("Hello"))], record=records, began=records.began))

    assert [record.outcome for record in ledger.written] == ["answered"]
