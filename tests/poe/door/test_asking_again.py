"""Poe sends the same query again when a connection dropped before anything came."""

import asyncio

from tests.poe.door.listening import Listener, bot_of, door_of
from tests.virtual_time import run


class Counted:
    """A script that counts how often it was begun and stopped, and says its words after a while."""

    def __init__(self, *words, after=10.0, every=1.0):
        self.begun = self.stopped = 0
        self.words, self.after, self.every = words, after, every

    async def __call__(self, request):
        self.begun += 1
        try:
            await asyncio.sleep(self.after)
            for word in self.words:
                yield word
                await asyncio.sleep(self.every)
        except (asyncio.CancelledError, GeneratorExit):
            self.stopped += 1
            raise


def asked(scenario, script):
    return run(scenario(door_of(bot_of(script)), script))


def test_a_drop_before_the_first_word_is_joined_by_the_second_request():
    async def scenario(door, script):
        first, second = Listener(door, message_id="m"), Listener(door, message_id="m")
        asking = asyncio.create_task(first.listen())
        await asyncio.sleep(1)
        first.hang_up()
        await asyncio.sleep(1)
        await second.listen()
        await asking
        return second

    script = Counted("one ", "answer")
    listener = asked(scenario, script)

    assert listener.text == "one answer"
    assert (script.begun, script.stopped) == (1, 0)


def test_a_request_that_comes_while_the_first_is_listened_to_is_answered_on_its_own():
    async def scenario(door, script):
        listeners = [Listener(door, message_id="m") for _ in range(2)]
        await asyncio.gather(*(listener.listen() for listener in listeners))
        return listeners

    script = Counted("one ", "answer")

    assert [listener.text for listener in asked(scenario, script)] == ["one answer"] * 2
    assert script.begun == 2


def test_a_second_drop_before_the_first_word_can_be_joined_as_well():
    async def scenario(door, script):
        listeners = [Listener(door, message_id="m") for _ in range(3)]
        asking = []
        for listener in listeners:
            asking.append(asyncio.create_task(listener.listen()))
            await asyncio.sleep(1)
            if listener is not listeners[-1]:
                listener.hang_up()
                await asyncio.sleep(0.1)
        await asyncio.gather(*asking)
        return listeners[-1]

    script = Counted("one ", "answer")

    assert asked(scenario, script).text == "one answer"
    assert (script.begun, script.stopped) == (1, 0)


def test_an_answer_that_was_finished_meanwhile_is_given_to_the_second_request():
    async def scenario(door, script):
        first, second = Listener(door, message_id="m"), Listener(door, message_id="m")
        asking = asyncio.create_task(first.listen())
        await asyncio.sleep(1)
        first.hang_up()
        await asyncio.sleep(60)
        await second.listen()
        await asking
        return second

    script = Counted("one ", "answer")

    assert asked(scenario, script).text == "one answer"
    assert script.begun == 1


def test_a_drop_after_the_first_word_is_a_stop():
    async def scenario(door, script):
        listener = Listener(door, message_id="m")
        asking = asyncio.create_task(listener.listen())
        await listener.hears("one")
        listener.hang_up()
        await asking

    script = Counted("one ", "answer", every=100)
    asked(scenario, script)

    assert script.stopped == 1


def test_after_a_stop_the_same_query_is_answered_anew():
    async def scenario(door, script):
        first, second = Listener(door, message_id="m"), Listener(door, message_id="m")
        asking = asyncio.create_task(first.listen())
        await first.hears("one")
        first.hang_up()
        await asking
        return await second.listen()

    script = Counted("one ", "answer")

    assert asked(scenario, script).text == "one answer"
    assert script.begun == 2


def test_nobody_who_comes_back_is_waited_for_two_minutes():
    async def scenario(door, script):
        first = Listener(door, message_id="m")
        asking = asyncio.create_task(first.listen())
        await asyncio.sleep(1)
        first.hang_up()
        await asking
        return asyncio.get_running_loop().time()

    script = Counted("never heard", after=1000)

    assert asked(scenario, script) == 121
    assert script.stopped == 1


def test_a_stop_by_the_second_listener_stops_the_answer():
    async def scenario(door, script):
        first, second = Listener(door, message_id="m"), Listener(door, message_id="m")
        asking = asyncio.create_task(first.listen())
        await asyncio.sleep(1)
        first.hang_up()
        await asyncio.sleep(0.1)
        again = asyncio.create_task(second.listen())
        await second.hears("one")
        second.hang_up()
        await asyncio.gather(asking, again)

    script = Counted("one ", "answer", every=100)
    asked(scenario, script)

    assert (script.begun, script.stopped) == (1, 1)


def test_other_messages_and_nameless_ones_are_answered_on_their_own():
    async def scenario(door, script):
        listeners = [Listener(door, message_id=name) for name in ("m", "n", "", "")]
        await asyncio.gather(*(listener.listen() for listener in listeners))

    script = Counted("hi")
    asked(scenario, script)

    assert script.begun == 4


def test_a_drop_without_a_message_id_stops_at_once():
    async def scenario(door, script):
        listener = Listener(door)
        asking = asyncio.create_task(listener.listen())
        await asyncio.sleep(1)
        listener.hang_up()
        await asking
        return asyncio.get_running_loop().time()

    script = Counted("hi", after=1000)

    assert asked(scenario, script) == 1
    assert script.stopped == 1


def test_shutting_down_lets_short_answers_end_and_tells_long_ones_to_ask_again():
    async def scenario(door, script):
        short, long = Listener(door), Listener(door)
        asking = [asyncio.create_task(short.listen())]
        await asyncio.sleep(8)
        asking.append(asyncio.create_task(long.listen()))
        await asyncio.sleep(1)
        await door.open_answers.end_all(grace=5)
        await asyncio.gather(*asking)
        return short, long, asyncio.get_running_loop().time()

    short, long, time = asked(scenario, Counted("hi", after=10))

    assert short.text == "hi"
    assert [name for name, _ in long.events[-2:]] == ["error", "done"]
    assert long.events[-2][1]["allow_retry"] is True
    assert time <= 15
