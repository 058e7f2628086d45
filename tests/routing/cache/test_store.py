import tracemalloc

import pytest

from tests.routing.cache.providers import Clock
from utils.routing.cache import AnswerStore
from utils.routing.cache.store import ENTRY_BYTES


@pytest.fixture
def clock() -> Clock:
    return Clock()


def small(clock: Clock, answers: int = 3) -> AnswerStore:
    """Room for so many answers of 10 bytes."""
    return AnswerStore(max_bytes=answers * (ENTRY_BYTES + 10), max_answer_bytes=10, clock=clock)


def test_an_answer_is_found_until_its_time_is_over(clock):
    store = small(clock)
    store.put(b"a", b"answer", 60)

    clock.now += 59.9
    before = store.get(b"a", 60)
    clock.now += 0.1

    assert (before, store.get(b"a", 60)) == (b"answer", None)
    assert (store.bytes, store.answers, store.counts.evicted) == (0, 0, 0)


def test_a_time_that_was_made_shorter_holds_at_once(clock):
    store = small(clock)
    store.put(b"a", b"answer", 60)

    clock.now += 10

    assert store.get(b"a", 10) is None


def test_what_is_old_is_let_go_of_whoever_asks(clock):
    store = small(clock)
    store.put(b"a", b"answer", 60)
    store.put(b"b", b"answer", 600)

    clock.now += 60
    store.get(b"another", 60)

    assert (store.answers, store.bytes) == (1, ENTRY_BYTES + 6)


def test_the_least_recently_used_answer_makes_room(clock):
    store = small(clock)
    for key in (b"a", b"b", b"c"):
        store.put(key, b"0123456789", 60)
    store.get(b"a", 60)

    store.put(b"d", b"0123456789", 60)

    assert [key for key in (b"a", b"b", b"c", b"d") if store.get(key, 60)] == [b"a", b"c", b"d"]
    assert store.counts.evicted == 1


def test_an_answer_that_is_too_large_pushes_nothing_out(clock):
    store = small(clock)
    store.put(b"a", b"answer", 60)

    store.put(b"b", b"0123456789x", 60)

    assert (store.get(b"a", 60), store.get(b"b", 60), store.counts.stored) == (b"answer", None, 1)


def test_a_new_answer_takes_the_place_and_the_time_of_the_old(clock):
    store = small(clock)
    store.put(b"a", b"old", 60)
    clock.now += 30

    store.put(b"a", b"new one", 60)
    clock.now += 40

    assert store.get(b"a", 60) == b"new one"
    assert (store.bytes, store.counts.evicted) == (ENTRY_BYTES + 7, 0)


def test_nothing_is_left_when_it_is_cleared(clock):
    store = small(clock)
    store.put(b"a", b"old", 60)

    store.clear()

    assert (store.answers, store.bytes, store.get(b"a", 60)) == (0, 0, None)


def test_small_answers_take_no_more_memory_than_is_counted():
    tracemalloc.start()
    try:
        store = AnswerStore()
        for number in range(5000):
            store.put(number.to_bytes(32), b"%040d" % number, 60.0)

        assert tracemalloc.get_traced_memory()[0] <= store.bytes
    finally:
        tracemalloc.stop()
