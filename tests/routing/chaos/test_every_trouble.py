"""Every trouble with every strategy and every way to go on after a break."""

import asyncio
from dataclasses import dataclass
from itertools import cycle, islice, product

import httpx
import pytest

from utils.routing.strategies import STRATEGIES

from .house import House, chaos
from .person import Heard, Person
from .troubles import AFTER_SOME_WORDS, BEFORE_A_WORD, MERELY_ODD, REFUSALS, TOLD, WELL_TOLD, chaotic, well

TROUBLES = (*BEFORE_A_WORD, *AFTER_SOME_WORDS, *MERELY_ODD)
_ORDERS = ("cw", "wc", "cw", "cwc", "cc")
_WAYS = list(product([*STRATEGIES, "split"], ["replace", "continue", "error"]))
_AT_ONCE = 16
_PATIENCE = {"first_content_timeout": 2, "idle_timeout": 2, "retries": 3}
_PREFILL = {"profile_overrides": {"prefill": True}}


@dataclass(frozen=True)
class Case:
    """A bot whose targets are in this trouble (`c`) or well (`w`), in this order."""

    bot: str
    trouble: str
    order: str

    def targets(self, on_break: str) -> list[dict[str, str]]:
        # Who goes on in the middle has to be telling the same.
        told = TOLD if on_break == "continue" else WELL_TOLD
        models = [
            well(f"{self.bot}-{at}", told) if each == "w" else chaotic(self.trouble, f"{self.bot}-{at}")
            for at, each in enumerate(self.order)
        ]
        return [{"target": f"upstream:{model}", "name": f"t{at}"} for at, model in enumerate(models)]

    def has_to_be_answered(self, on_break: str) -> bool:
        """Whether somebody can answer, and is asked in any order of the targets."""
        if self.trouble in MERELY_ODD:
            return True
        can_take_over = self.trouble not in REFUSALS and (on_break != "error" or self.trouble in BEFORE_A_WORD)
        return "w" in self.order and can_take_over


def cases(turn: int) -> list[Case]:
    """Each trouble once, in one of the orders; each turn in another one."""
    orders = islice(cycle(_ORDERS), turn, None)
    return [Case(f"x{number}", *pair) for number, pair in enumerate(zip(TROUBLES, orders, strict=False))]


def bots(cases: list[Case], on_break: str, **fields: object) -> list[dict[str, object]]:
    return [
        {"bot_name": case.bot, "targets": case.targets(on_break), "on_break": on_break, **_PATIENCE, **fields}
        for case in cases
    ]


def way_of(strategy: str) -> dict[str, object]:
    if strategy == "split":
        return {"split": {"t0": 70, "t1": 30, "by": "conversation"}}
    return {"strategy": strategy}


async def endings(house: House, cases: list[Case]) -> list[tuple[Case, Heard]]:
    """Every bot asked once, many at a time."""
    turns = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(timeout=30) as http:
        person = Person(house, http)
        await person.ask(cases[1].bot)  # what is made at the first question takes longer than a target is given

        async def ending(case: Case) -> tuple[Case, Heard]:
            async with turns:
                return case, await person.ask(case.bot)

        return await asyncio.gather(*map(ending, cases))


def is_in_order(case: Case, heard: Heard, on_break: str) -> bool:
    if heard.error is None:
        assert heard.text in (TOLD, WELL_TOLD), (case, heard)
    else:
        assert not case.has_to_be_answered(on_break), (case, heard)
        assert TOLD.startswith(heard.text), (case, heard)
    return heard.said_one_thing()


async def is_balanced(house: House, cases: list[Case]) -> bool:
    await house.at_rest()
    records = [id(tried) for _, tried in house.records]
    traces = [id(tried) for trace in house.board.traces for tried in trace.tried]
    assert len(set(records)) == len(records), "an attempt was written down twice"
    assert set(traces) <= set(records), "an attempt was not written down"
    for case in cases:
        tried = house.tried_by(case.bot)
        times_asked = 1 + (case is cases[1])
        assert times_asked <= len(tried) <= times_asked * (1 + _PATIENCE["retries"]), (case, tried)
    return True


@pytest.mark.parametrize(("strategy", "on_break"), _WAYS)
async def test_a_person_gets_one_whole_answer_or_one_clear_error(tmp_path, monkeypatch, strategy, on_break):
    asked = cases(_WAYS.index((strategy, on_break)))
    entries = bots(asked, on_break, **way_of(strategy))

    async with chaos(tmp_path, monkeypatch, entries, **_PREFILL) as house:
        heard = await endings(house, asked)

        assert all(is_in_order(case, each, on_break) for case, each in heard)
        assert await is_balanced(house, asked)


async def test_a_person_gets_one_whole_answer_when_a_second_target_runs_beside_the_first(tmp_path, monkeypatch):
    asked = cases(0)
    entries = bots(asked, "replace", hedge_after_ms=30)

    async with chaos(tmp_path, monkeypatch, entries) as house:
        heard = await endings(house, asked)

        assert all(is_in_order(case, each, "replace") for case, each in heard)
        assert await is_balanced(house, asked)


async def test_a_person_gets_one_whole_answer_when_there_are_few_places(tmp_path, monkeypatch):
    asked = cases(0)
    entries = bots(asked, "replace")

    async with chaos(tmp_path, monkeypatch, entries, max_concurrent=10) as house:
        heard = await endings(house, asked)

        assert all(is_in_order(case, each, "replace") for case, each in heard)
        assert await is_balanced(house, asked)


async def test_nobody_listens_at_the_address_of_the_first(tmp_path, monkeypatch, unused_tcp_port):
    nowhere = {
        "name": "nowhere",
        "api_base": f"http://127.0.0.1:{unused_tcp_port}/v1",
        "api_key_env": "CHAOS_API_KEY",
        "models": ["m"],
    }
    alone = {"bot_name": "Alone", "targets": ["nowhere:m"], **_PATIENCE}
    helped = {"bot_name": "Helped", "targets": ["nowhere:m", f"upstream:{well('x')}"], **_PATIENCE}

    async with chaos(tmp_path, monkeypatch, [alone, helped], [nowhere]) as house, httpx.AsyncClient() as http:
        person = Person(house, http)
        without, with_help = await person.ask("Alone"), await person.ask("Helped")

    assert without.said_one_thing()
    assert "cannot be reached" in without.error["text"]
    assert (with_help.said_one_thing(), with_help.text) == (True, WELL_TOLD)
