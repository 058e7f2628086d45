"""The end of the server waits for what is being kept, but not for ever."""

import asyncio

from structlog.testing import capture_logs

from utils.web.chat import keeping
from utils.web.chat.keeping import Keeping


async def test_what_was_begun_is_written_before_the_end():
    kept, written = Keeping(None), []

    async def write() -> None:
        await asyncio.sleep(0)
        written.append("a turn")

    waiting = asyncio.create_task(kept.kept("me", "c-1", write()))
    await asyncio.sleep(0)
    await kept.aclose()

    assert written == ["a turn"]
    assert await waiting


async def test_what_a_database_does_not_take_in_time_is_given_up_and_told(monkeypatch):
    monkeypatch.setattr(keeping, "_LONGEST_GOODBYE_SECONDS", 0.01)
    kept = Keeping(None)

    async def write() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.create_task(kept.kept("me", "c-1", write()))
    await asyncio.sleep(0)
    with capture_logs() as log:
        await kept.aclose()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert [entry["event"] for entry in log] == ["chat.not_kept"]


async def test_a_slow_database_is_waited_for_by_who_goes_on_and_not_by_the_answer(monkeypatch):
    monkeypatch.setattr(keeping, "_PATIENCE_SECONDS", 0.01)
    kept, answers = Keeping(None), asyncio.Event()

    async def write() -> None:
        await answers.wait()

    assert await kept.kept("me", "c-1", write())
    reading = asyncio.create_task(kept.settled("me", "c-1"))
    await kept.settled("me", "c-2")
    await asyncio.sleep(0)
    has_waited = not reading.done()
    answers.set()
    await reading

    assert has_waited
    await kept.settled("me", "c-1")
