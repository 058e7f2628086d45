"""A listener that reads slowly gets everything once and in order."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from tests.poe.door.listening import Listener, bot_of, door_of
from tests.virtual_time import run


class SlowListener(Listener):
    """Takes some time for every message."""

    def __init__(self, door, delay):
        super().__init__(door)
        self._delay = delay

    async def _send(self, message):
        await asyncio.sleep(self._delay)
        await super()._send(message)


@given(
    words=st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=12),
    pause=st.sampled_from([0.0, 0.02, 0.06, 4.0, 9.98, 11.0]),
    delay=st.sampled_from([0.0, 0.03, 0.5, 12.0]),
)
def test_no_word_is_lost_or_doubled_whoever_waits_for_whom(words, pause, delay):
    async def script(request):
        for word in words:
            yield word
            await asyncio.sleep(pause)

    async def listening():
        return await SlowListener(door_of(bot_of(script)), delay).listen()

    listener = run(listening())

    assert listener.text == "".join(words)
    assert listener.events[-1] == ("done", {})
