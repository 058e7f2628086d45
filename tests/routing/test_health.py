"""What a lane's own traffic tells about it."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.routing.health import LaneHealth


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock) -> LaneHealth:
    return LaneHealth(clock)


def answered(health: LaneHealth, clock: Clock, after: float) -> None:
    attempt = health.began()
    clock.now += after
    attempt.first_content()
    attempt.ended(answered=True)


def test_of_a_new_lane_nothing_is_known(health):
    snapshot = health.snapshot()

    assert dataclasses.astuple(snapshot) == (0, 0, {}, 0, 0, None, None, None, None, None)
    assert health.first_content() is None


def test_attempts_are_counted_by_how_they_ended(health, clock):
    health.began().ended(answered=True)
    health.began().ended(error="TimedOut")
    health.began().ended(error="TimedOut")
    health.began().ended(error="Overloaded")
    health.began().ended()
    under_way = health.began()
    clock.now += 5

    snapshot = health.snapshot()
    assert (snapshot.attempts, snapshot.successes, snapshot.dropped, snapshot.in_flight) == (6, 1, 1, 1)
    assert snapshot.failures == {"TimedOut": 2, "Overloaded": 1}
    assert (snapshot.last_failure, snapshot.last_failure_age) == ("Overloaded", 5)
    under_way.ended()


def test_an_attempt_ends_once(health):
    attempt = health.began()

    attempt.ended(answered=True)
    attempt.ended(error="TimedOut")
    attempt.first_content()

    snapshot = health.snapshot()
    assert (snapshot.in_flight, snapshot.successes, snapshot.failures) == (0, 1, {})
    assert snapshot.first_content_p50 is None


def test_a_forgotten_attempt_is_not_in_flight_for_ever(health):
    attempt = health.began()

    del attempt

    assert (health.snapshot().in_flight, health.snapshot().dropped) == (0, 1)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["begin", "answer", "fail", "leave", "forget"]))))
def test_whatever_happens_the_numbers_add_up(steps):
    health = LaneHealth(lambda: 0.0)
    attempts = {}

    for slot, step in steps:
        if step == "begin":
            attempts[slot] = health.began()
        elif step == "forget":
            attempts.pop(slot, None)
        elif slot in attempts:
            how = {"answer": {"answered": True}, "fail": {"error": "TimedOut"}, "leave": {}}[step]
            attempts[slot].ended(**how)

    seen = health.snapshot()
    assert seen.attempts == seen.successes + sum(seen.failures.values()) + seen.dropped + seen.in_flight
    assert 0 <= seen.in_flight <= len(attempts)


def test_the_first_latency_is_the_average(health, clock):
    answered(health, clock, 0.25)

    assert health.first_content() == 0.25


def test_an_attempt_has_one_first_content(health, clock):
    attempt = health.began()
    clock.now += 1
    attempt.first_content()
    clock.now += 8

    attempt.first_content()

    assert health.first_content() == 1


def test_what_is_a_minute_old_weighs_half(health, clock):
    answered(health, clock, 3.0)
    clock.now += 59

    answered(health, clock, 1.0)

    assert health.first_content() == pytest.approx((0.5 * 3 + 1) / 1.5)


def test_a_lane_that_became_fast_is_known_to_be_fast(health, clock):
    for _ in range(50):
        answered(health, clock, 9.0)
    for _ in range(30):
        clock.now += 9
        answered(health, clock, 1.0)

    assert health.first_content() < 1.5


def test_an_average_of_long_ago_is_none(health, clock):
    answered(health, clock, 9.0)

    clock.now += 299
    assert health.first_content() == 9
    clock.now += 1
    assert health.first_content() is None


@pytest.mark.parametrize("now", [-5.0, 999.99, math.nan, math.inf, -math.inf])
def test_a_latency_that_cannot_be_never_wins(health, clock, now):
    answered(health, clock, 2.0)
    before = clock.now
    attempt = health.began()

    clock.now = now
    attempt.first_content()
    clock.now = before

    assert health.first_content() == 2
    assert health.snapshot().first_content_p50 == 2


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), max_size=50))
def test_the_average_lies_between_what_was_measured_whatever_the_clock_does(steps):
    clock = Clock()
    health = LaneHealth(clock)
    measured = []

    for before, latency in steps:
        clock.now += before
        began = clock.now
        answered(health, clock, latency)
        if clock.now >= began:
            measured.append(clock.now - began)

    average = health.first_content()
    if average is not None:
        assert min(measured) - 1e-9 <= average <= max(measured) + 1e-9


def test_percentiles_are_of_what_was_measured_lately(health, clock):
    for _ in range(500):
        answered(health, clock, 99.0)
    for latency in range(1, 129):
        answered(health, clock, float(latency))

    snapshot = health.snapshot()
    assert (snapshot.first_content_p50, snapshot.first_content_p95) == (64, 122)


def test_its_memory_does_not_grow(health, clock):
    for number in range(1000):
        answered(health, clock, 1.0)
        health.began().ended(error=f"Error{number}")

    failures = health.snapshot().failures
    assert len(health._recent) == 128
    assert (len(failures), failures["others"], sum(failures.values())) == (33, 968, 1000)
    assert health.snapshot().last_failure == "Error999"


def test_a_snapshot_does_not_change(health):
    snapshot = health.snapshot()

    health.began().ended(error="TimedOut")

    assert (snapshot.attempts, snapshot.failures) == (0, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.attempts = 7
