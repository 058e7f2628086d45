"""More than fits anywhere: it is left before it fills the memory or takes everybody's time."""

import asyncio
from pathlib import Path
from time import monotonic

import httpx
import pytest

from .house import chaos
from .person import Person
from .troubles import TOO_MUCH, WELL_TOLD, chaotic, well

_MEBIBYTE = 1024 * 1024
_POES_LIMIT = 512_000
_STATUS = Path("/proc/self/status")

on_linux = pytest.mark.skipif(not _STATUS.exists(), reason="only Linux tells the peak of the memory")


class Peak:
    """The memory that this process has taken at most, beyond what it had before."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._now()

    @property
    def mebibytes(self) -> float:
        return (self._now() - self._before) / _MEBIBYTE

    def _now(self) -> int:
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024


@on_linux
@pytest.mark.parametrize("trouble", TOO_MUCH)
async def test_another_one_answers_and_the_memory_stays_small(tmp_path, monkeypatch, trouble):
    targets = [f"upstream:{chaotic(trouble, 'x')}", f"upstream:{well('y')}"]
    bots = [
        {"bot_name": "Bot", "targets": targets, "first_content_timeout": 0.5},
        {"bot_name": "Well", "targets": targets[1:]},
    ]

    async with chaos(tmp_path, monkeypatch, bots) as house, httpx.AsyncClient(timeout=30) as http:
        person = Person(house, http)
        await person.ask("Well")
        peak = Peak()
        heard = await person.ask("Bot")
        await house.at_rest()

    assert (heard.said_one_thing(), heard.text) == (True, WELL_TOLD)
    assert peak.mebibytes < 100


@on_linux
async def test_an_endless_answer_ends_at_the_limit_of_poe(tmp_path, monkeypatch):
    bots = [{"bot_name": "Bot", "targets": ["upstream:demo-flood-512"]}]

    async with chaos(tmp_path, monkeypatch, bots) as house, httpx.AsyncClient(timeout=30) as http:
        peak = Peak()
        heard = await Person(house, http).ask("Bot")
        await house.at_rest()

    assert heard.said_one_thing()
    assert heard.text.endswith("reached Poe's limit of length and ends here.")
    assert len(heard.text) < _POES_LIMIT
    assert peak.mebibytes < 100


async def test_an_answer_has_a_length_at_which_it_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("utils.providers.completion_stream._MOST_BYTES", 4 * _MEBIBYTE)
    bots = [{"bot_name": "Bot", "targets": [f"upstream:{chaotic('comment-flood', 'x')}"], "retries": 0}]

    async with chaos(tmp_path, monkeypatch, bots) as house, httpx.AsyncClient(timeout=30) as http:
        heard = await Person(house, http).ask("Bot")
        await house.at_rest()

    assert heard.said_one_thing()
    assert "cut off" in heard.error["text"]


async def test_others_are_answered_while_a_bomb_goes_off(tmp_path, monkeypatch):
    bots = [
        {"bot_name": "Bot", "targets": [f"upstream:{chaotic('bomb-4096', 'x')}"], "first_content_timeout": 1},
        {"bot_name": "Well", "targets": [f"upstream:{well('y')}"]},
    ]

    async with chaos(tmp_path, monkeypatch, bots) as house, httpx.AsyncClient(timeout=30) as http:
        person = Person(house, http)
        await person.ask("Well")
        bombed = asyncio.create_task(person.ask("Bot"))
        waits = []
        while not bombed.done():
            began = monotonic()
            assert (await person.ask("Well")).text == WELL_TOLD
            waits.append(monotonic() - began)

    assert (await bombed).said_one_thing()
    assert len(waits) > 1
