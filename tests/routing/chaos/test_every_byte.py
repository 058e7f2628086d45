"""A connection may end anywhere, also in the middle of a number, of a line or of a character."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from .house import House, chaos
from .person import Person
from .troubles import WELL_TOLD, chaotic, well

_TOLD = "é日 c1"
_AT_ONCE = 16


async def length_of_the_stream(house: House) -> int:
    """How many bytes the upstream sends when nothing is cut."""
    async with httpx.AsyncClient() as http:
        body = {"model": chaotic("", "whole", _TOLD), "stream": True, "stream_options": {"include_usage": True}}
        asked = {**body, "messages": [{"role": "user", "content": "Well?"}]}
        return len((await http.post(f"{house.upstream_address}/v1/chat/completions", json=asked)).content)


@pytest.mark.timeout(300)
async def test_an_answer_is_whole_wherever_the_first_one_is_cut(tmp_path, monkeypatch):
    cuts = [f"end-after-{at}" for at in range(1600)] + [f"reset-after-{at}" for at in range(0, 1600, 4)]
    bots = [
        {
            "bot_name": cut,
            "targets": [f"upstream:{chaotic(cut, uuid4().hex[:6], _TOLD)}", f"upstream:{well(uuid4().hex[:6])}"],
            "first_content_timeout": 5,
        }
        for cut in cuts
    ]

    async with chaos(tmp_path, monkeypatch, bots) as house, httpx.AsyncClient(timeout=30) as http:
        length = await length_of_the_stream(house)
        person, turns = Person(house, http), asyncio.Semaphore(_AT_ONCE)

        async def ending(cut):
            async with turns:
                return await person.ask(cut)

        asked = [cut for cut in cuts if int(cut.rpartition("-")[2]) <= length]
        heard = await asyncio.gather(*map(ending, asked))
        await house.at_rest()

    assert len(asked) > length
    assert all(each.said_one_thing() for each in heard)
    assert [(cut, each.text) for cut, each in zip(asked, heard, strict=True) if each.error] == []
    assert {each.text for each in heard} == {_TOLD, WELL_TOLD}
    # Behind the last word only its end can be lost, so that nothing more is asked.
    assert [each.text for cut, each in zip(asked, heard, strict=True) if cut == f"end-after-{length}"] == [_TOLD]
