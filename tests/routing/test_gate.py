"""How many are inside at once, and whose turn it is."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual_time import run
from utils.errors import Overloaded
from utils.routing.gate import Busy, Gate


class Caller:
    """Somebody who goes in, stays until told to leave, and remembers how it went."""

    def __init__(self, house: "House", who: str, timeout: float | None = None) -> None:
        self.who = who
        self.waited: float | None = None
        self.refused: Busy | None = None
        self._house = house
        self._timeout = timeout
        self._may_leave = asyncio.Event()
        self.task = asyncio.create_task(self._visit())

    async def _visit(self) -> None:
        try:
            async with self._house.gate.place(self.who, self._timeout) as place:
                self.waited = place.waited_seconds
                self._house.inside.append(self)
                self._house.admitted.append(self)
                try:
                    await self._may_leave.wait()
                finally:
                    self._house.inside.remove(self)
        except Busy as busy:
            self.refused = busy

    def leave(self) -> None:
        self._may_leave.set()


class House:
    """A gate and all who want in."""

    def __init__(self, max_concurrent: int, max_waiting: int, clock: Callable[[], float] | None = None) -> None:
        clock = clock or asyncio.get_running_loop().time
        self.gate = Gate(max_concurrent, max_waiting, clock, provider="openai")
        self.inside: list[Caller] = []
        self.admitted: list[Caller] = []
        self.callers: list[Caller] = []

    def ask(self, who: str, timeout: float | None = None) -> Caller:
        caller = Caller(self, who, timeout)
        self.callers.append(caller)
        return caller

    @property
    def names(self) -> list[str]:
        return [caller.who for caller in self.inside]

    def errors(self) -> list[BaseException | None]:
        """What those who are through failed with."""
        tasks = [caller.task for caller in self.callers]
        return [task.exception() for task in tasks if task.done() and not task.cancelled()]

    async def empty(self) -> None:
        """Everyone leaves as soon as they are in."""
        for caller in self.callers:
            caller.leave()
        await asyncio.gather(*(caller.task for caller in self.callers), return_exceptions=True)


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


def in_virtual_time(test):
    def synchronous():
        run(test())

    synchronous.__name__ = test.__name__
    return synchronous


def test_nobody_is_made_to_wait_by_an_empty_house():
    entering = Gate(1, 0).place("poet").__aenter__()

    # Outside any event loop: there is neither a task nor a future.
    with pytest.raises(StopIteration) as entered:
        entering.send(None)

    assert entered.value.value.waited_seconds == 0


@in_virtual_time
async def test_the_others_wait_until_a_place_is_free():
    house = House(2, 10)
    first, _, third = (house.ask(who) for who in "abc")
    await asyncio.sleep(3)
    assert house.names == ["a", "b"]

    first.leave()
    await settle()

    assert house.names == ["b", "c"]
    assert third.waited == 3
    await house.empty()


@in_virtual_time
async def test_who_finds_the_queue_full_is_refused_at_once():
    house = House(1, 1)
    house.ask("a"), house.ask("b")
    refused = house.ask("c")
    await settle()

    assert str(refused.refused) == "1 requests are under way, 1 requests wait already"
    assert refused.refused.provider == "openai"
    assert isinstance(refused.refused, Overloaded)
    assert refused.refused.allow_retry
    await house.empty()


@in_virtual_time
async def test_who_waited_too_long_is_refused_and_takes_no_place():
    house = House(1, 5)
    first, second = house.ask("a"), house.ask("b", timeout=4)
    await asyncio.sleep(5)
    first.leave()
    await settle()

    assert str(second.refused) == "1 requests are under way, no place became free within 4 s"
    assert (house.gate.snapshot().inside, house.gate.snapshot().waiting) == (0, 0)


@in_virtual_time
async def test_a_flood_of_one_bot_does_not_starve_another():
    house = House(1, 100)
    for _ in range(50):
        house.ask("flood")
    await settle()
    house.ask("poet")
    await settle()

    order = []
    for _ in range(3):
        house.inside[0].leave()
        await settle()
        order += house.names

    assert order == ["flood", "poet", "flood"]
    await house.empty()


@in_virtual_time
async def test_bots_are_served_in_turn_and_each_in_its_order():
    house = House(1, 100)
    house.ask("first")
    for who in ["a", "a", "a", "b", "b", "c"]:
        house.ask(who)
    await settle()
    asked = {id(caller): number for number, caller in enumerate(house.callers)}

    order = []
    for _ in range(6):
        house.inside[0].leave()
        await settle()
        order.append((house.inside[0].who, asked[id(house.inside[0])]))

    assert order == [("a", 1), ("b", 4), ("c", 6), ("a", 2), ("b", 5), ("a", 3)]
    await house.empty()


@in_virtual_time
async def test_a_cancelled_one_leaves_no_hole():
    house = House(1, 2)
    first, cancelled, third = (house.ask(who) for who in "abc")
    await settle()
    cancelled.task.cancel()
    await settle()
    assert house.gate.snapshot().waiting == 1

    fourth = house.ask("d")
    first.leave()
    await settle()

    assert (house.names, fourth.refused) == (["c"], None)
    third.leave()
    await settle()
    assert house.names == ["d"]
    await house.empty()


@in_virtual_time
async def test_a_place_given_to_one_who_is_cancelled_in_that_moment_goes_to_the_next():
    house = House(1, 5)
    first, second, _ = (house.ask(who) for who in "abc")
    await settle()

    first.leave()
    await asyncio.sleep(0)
    second.task.cancel()
    await settle()

    assert house.names == ["c"]
    await house.empty()


@in_virtual_time
async def test_one_who_was_just_cancelled_is_passed_over():
    house = House(1, 5)
    first, second, _ = (house.ask(who) for who in "abc")
    await settle()

    first.leave()
    second.task.cancel()
    await settle()

    assert house.names == ["c"]
    assert (house.gate.snapshot().inside, house.gate.snapshot().waiting) == (1, 0)
    await house.empty()


@in_virtual_time
async def test_a_failure_inside_gives_the_place_back():
    house = House(1, 0)

    with pytest.raises(ZeroDivisionError):
        async with house.gate.place("a"):
            raise ZeroDivisionError

    assert house.gate.snapshot().inside == 0


@in_virtual_time
async def test_waits_are_measured():
    house = House(1, 2)
    first, second, third, _ = (house.ask(who) for who in "abcd")
    await asyncio.sleep(2)
    first.leave()
    await asyncio.sleep(3)
    second.leave()
    await settle()

    seen = house.gate.snapshot()
    assert (seen.inside, seen.waiting, seen.admitted, seen.waited, seen.refused) == (1, 0, 3, 2, 1)
    assert (seen.waited_seconds, seen.longest_wait_seconds) == (7, 5)
    third.leave()
    await house.empty()


def test_a_clock_that_jumps_back_makes_no_negative_wait():
    times = iter([100.0, 5.0])

    async def main():
        house = House(1, 1, lambda: next(times))
        _, second = house.ask("a"), house.ask("b")
        await settle()
        await house.empty()
        return second.waited, house.gate.snapshot().waited_seconds

    assert run(main()) == (0, 0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("abc"), st.sampled_from([None, None, 1.0, 3.0])),
        st.tuples(st.just("leave"), st.integers(-6, 2)),
        st.tuples(st.just("cancel"), st.integers(-6, 2)),
        st.tuples(st.sampled_from(["tick", "tick", "sleep"]), st.integers(1, 3)),
    ),
    min_size=15,
    max_size=60,
)


crowds = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("aaabc"), st.none()),
        st.tuples(st.just("next")),
        st.tuples(st.just("cancel"), st.integers(-3, -1)),
    ),
    min_size=25,
    max_size=60,
)


async def take(step, house: House) -> None:
    match step:
        case "ask", who, timeout:
            house.ask(who, timeout)
        case "leave", number if house.callers:
            house.callers[number % len(house.callers)].leave()
        case ("next",) if house.inside:
            house.inside[0].leave()
        case "cancel", number if house.callers:
            house.callers[number % len(house.callers)].task.cancel()
        case "tick", ticks:
            for _ in range(ticks):
                await asyncio.sleep(0)
        case "sleep", seconds:
            await asyncio.sleep(seconds)


@settings(max_examples=200)
@given(st.integers(1, 3), st.integers(0, 6), steps)
def test_there_are_never_too_many_inside_and_no_place_is_lost(max_concurrent, max_waiting, steps):
    async def main():
        house = House(max_concurrent, max_waiting)
        for step in steps:
            await take(step, house)

            assert len(house.inside) <= max_concurrent
            assert house.gate.snapshot().waiting <= max_waiting
            assert house.gate.snapshot().inside <= max_concurrent

        await settle()
        seen = house.gate.snapshot()
        assert seen.inside == len(house.inside)
        assert seen.inside == max_concurrent or seen.waiting == 0
        assert not any(house.errors())
        await house.empty()
        seen = house.gate.snapshot()
        assert (seen.inside, seen.waiting) == (0, 0)
        assert not house.gate._queues

    run(main())


@settings(max_examples=150)
@given(st.integers(1, 3), crowds)
def test_nobody_waits_for_more_of_another_bot_than_there_are_of_its_own_before_it(max_concurrent, steps):
    async def main():
        house = House(max_concurrent, 100)
        asked_at: dict[Caller, tuple[int, int]] = {}
        for step in steps:
            await take(step, house)
            await settle()
            waiting = [caller for caller in house.callers if not caller.task.done() and caller.waited is None]
            for caller in waiting:
                before = sum(other.who == caller.who for other in waiting) - 1
                asked_at.setdefault(caller, (len(house.admitted), before))

        order = house.admitted
        gave_up = {caller for caller in asked_at if caller.task.done() and caller not in order}
        for caller in asked_at.keys() - gave_up:
            since, own_before = asked_at[caller]
            until = order.index(caller) if caller in order else len(order)
            overtook = Counter(other.who for other in order[since:until] if other.who != caller.who)
            assert all(count <= own_before + 1 for count in overtook.values())
        await house.empty()

    run(main())
