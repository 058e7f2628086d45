"""Whoever leaves an answer, at whichever event, leaves nothing behind."""

import httpx
import pytest

from .house import chaos
from .person import Person
from .troubles import chaotic, well


@pytest.mark.parametrize("fields", [{}, {"hedge_after_ms": 5}, {"on_break": "continue"}])
@pytest.mark.parametrize("trouble", ["slow-10", "break-4-slow-10", "hang", "no-headers", "stall-after-1500-slow-10"])
async def test_a_person_may_leave_at_any_event(tmp_path, monkeypatch, trouble, fields):
    targets = [f"upstream:{chaotic(trouble, 'x')}", f"upstream:{chaotic('slow-10', 'y')}"]
    bot = {"bot_name": "Bot", "targets": targets, "flush_ms": 0, "first_content_timeout": 0.1, "idle_timeout": 0.1}
    provider = {"profile_overrides": {"prefill": True}, "max_concurrent": 1}

    async with chaos(tmp_path, monkeypatch, [{**bot, **fields}], **provider) as house, httpx.AsyncClient() as http:
        person, after = Person(house, http), 1
        while await person.leaves("Bot", after):
            await house.at_rest()
            assert len({id(tried) for _, tried in house.records}) == len(house.records)
            after += 1

        assert after > 5
        assert {id(each) for trace in house.board.traces for each in trace.tried} == {
            id(tried) for _, tried in house.records
        }


async def test_a_person_who_comes_back_is_answered(tmp_path, monkeypatch):
    bot = {"bot_name": "Bot", "targets": [f"upstream:{well('x')}"]}

    async with chaos(tmp_path, monkeypatch, [bot], max_concurrent=1) as house, httpx.AsyncClient() as http:
        person = Person(house, http)
        for after in (1, 2, 1, 2):
            await person.leaves("Bot", after)

        assert (await person.ask("Bot")).said_one_thing()
