"""When a lane is asked, and when it is left alone."""

import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from utils.routing.breaker import Breaker, BreakerRules, Permit


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
def breaker(clock) -> Breaker:
    return Breaker(clock)


def admitted(breaker: Breaker) -> Permit:
    permit = breaker.admit()
    assert permit is not None
    return permit


def opened(breaker: Breaker) -> None:
    for _ in range(3):
        admitted(breaker).failed(connection=True)
    assert breaker.state == "open"


def probe_fails_after(seconds: float, breaker: Breaker, clock: Clock) -> None:
    clock.now += seconds
    admitted(breaker).failed()


def test_a_new_breaker_lets_everyone_through(breaker):
    assert [breaker.admit() is None for _ in range(100)] == [False] * 100
    assert (breaker.state, breaker.shut_until, breaker.reason) == ("closed", None, "")


def test_half_of_ten_requests_open_it_for_fifteen_seconds(breaker, clock):
    for _ in range(5):
        admitted(breaker).succeeded()
    for _ in range(5):
        admitted(breaker).failed()

    assert breaker.admit() is None
    assert (breaker.state, breaker.shut_until) == ("open", clock.now + 15)
    assert breaker.reason == "5 of 10 requests failed"


def test_a_few_failures_say_nothing(breaker):
    for _ in range(9):
        admitted(breaker).failed()

    assert breaker.state == "closed"


def test_failures_of_more_than_a_minute_ago_are_forgotten(breaker, clock):
    for _ in range(9):
        admitted(breaker).failed()
    clock.now += 60

    admitted(breaker).failed()

    assert breaker.state == "closed"


def test_failures_within_the_minute_are_not(breaker, clock):
    for _ in range(9):
        admitted(breaker).failed()
    clock.now += 59.9

    admitted(breaker).failed()

    assert breaker.state == "open"


def test_three_connection_errors_in_a_row_open_it(breaker):
    for _ in range(3):
        admitted(breaker).failed(connection=True)

    assert (breaker.state, breaker.reason) == ("open", "3 connection errors in a row")


@pytest.mark.parametrize("between", [Permit.succeeded, Permit.failed])
def test_an_answer_between_them_shows_that_connections_can_be_made(breaker, between):
    for _ in range(2):
        admitted(breaker).failed(connection=True)
    between(admitted(breaker))
    for _ in range(2):
        admitted(breaker).failed(connection=True)

    assert breaker.state == "closed"


def test_faults_of_the_question_say_nothing(breaker):
    for _ in range(50):
        admitted(breaker).neutral()
    for _ in range(9):
        admitted(breaker).failed()

    assert breaker.state == "closed"


def test_one_of_many_tries_whether_it_is_well_again(breaker, clock):
    opened(breaker)
    clock.now += 15

    probes = [permit for _ in range(100) if (permit := breaker.admit())]

    assert len(probes) == 1
    assert breaker.state == "half-open"


def test_a_probe_that_succeeds_closes_it(breaker, clock):
    opened(breaker)
    clock.now += 15

    admitted(breaker).succeeded()

    assert (breaker.state, breaker.reason, breaker.shut_until) == ("closed", "", None)
    assert all(breaker.admit() for _ in range(10))


def test_what_failed_before_it_closed_is_not_held_against_it(breaker, clock):
    for _ in range(10):
        admitted(breaker).failed()
    clock.now += 15
    admitted(breaker).succeeded()

    admitted(breaker).failed()

    assert breaker.state == "closed"


def test_a_probe_that_says_nothing_lets_the_next_one_try(breaker, clock):
    opened(breaker)
    clock.now += 15

    admitted(breaker).neutral()

    assert breaker.admit() is not None


def test_a_forgotten_probe_does_not_lock_it_for_ever(breaker, clock):
    opened(breaker)
    clock.now += 15
    admitted(breaker)

    assert breaker.shut_until == clock.now + 60
    clock.now += 59
    assert breaker.admit() is None
    clock.now += 1
    assert breaker.admit() is not None


def test_each_opening_lasts_twice_as_long_up_to_two_minutes(breaker, clock):
    opened(breaker)
    waits = [15]
    for _ in range(5):
        probe_fails_after(waits[-1], breaker, clock)
        waits.append(round(breaker.shut_until - clock.now))

    assert waits == [15, 30, 60, 120, 120, 120]
    assert breaker.reason == "it failed again when it was tried"


def test_an_opening_is_short_again_after_a_minute_of_health(breaker, clock):
    opened(breaker)
    probe_fails_after(15, breaker, clock)
    clock.now += 30
    admitted(breaker).succeeded()
    clock.now += 60

    opened(breaker)

    assert breaker.shut_until == clock.now + 15


def test_one_lucky_probe_is_no_health(breaker, clock):
    opened(breaker)
    clock.now += 15
    admitted(breaker).succeeded()

    opened(breaker)

    assert breaker.shut_until == clock.now + 30


def test_the_success_of_an_old_request_does_not_close_it(breaker, clock):
    old = admitted(breaker)
    opened(breaker)

    old.succeeded()
    assert breaker.state == "open"
    clock.now += 15
    admitted(breaker)
    assert breaker.state == "half-open"
    assert breaker.admit() is None


def test_the_failures_of_old_requests_do_not_prolong_it(breaker, clock):
    old = [admitted(breaker) for _ in range(20)]
    opened(breaker)
    until = breaker.shut_until

    for permit in old[:10]:
        permit.failed(connection=True)
    assert breaker.shut_until == until
    clock.now += 15
    for permit in old[10:]:
        permit.failed()
    assert breaker.state == "half-open"


def test_a_permit_counts_once(breaker):
    permit = admitted(breaker)

    permit.neutral()
    for _ in range(20):
        permit.failed(connection=True)

    assert breaker.state == "closed"


def test_a_provider_that_wants_us_to_wait_is_left_alone_and_not_blamed(breaker, clock):
    breaker.cool_down(30)

    assert breaker.admit() is None
    assert (breaker.state, breaker.shut_until) == ("cooling", clock.now + 30)
    assert breaker.reason == "the provider wants us to wait"
    clock.now += 30
    assert breaker.admit() is not None
    assert (breaker.state, breaker.reason) == ("closed", "")


def test_the_longest_wait_wins(breaker, clock):
    breaker.cool_down(30)
    breaker.cool_down(5)

    assert breaker.shut_until == clock.now + 30


@pytest.mark.parametrize("seconds", [0, -0.0, -5, -math.inf, math.nan])
def test_a_wait_that_makes_no_sense_is_none(breaker, seconds):
    breaker.cool_down(seconds)

    assert breaker.state == "closed"
    assert breaker.admit() is not None


@pytest.mark.parametrize("seconds", [86_400, 1e300, math.inf])
def test_nobody_has_us_wait_for_more_than_an_hour(breaker, clock, seconds):
    breaker.cool_down(seconds)

    assert breaker.shut_until == clock.now + 3600


def test_it_opens_and_cools_independently(breaker, clock):
    opened(breaker)
    breaker.cool_down(40)

    assert (breaker.state, breaker.shut_until) == ("open", clock.now + 40)
    clock.now += 15
    assert (breaker.state, breaker.admit()) == ("cooling", None)
    clock.now += 25
    assert breaker.state == "half-open"


def test_what_the_owner_takes_out_stays_out_until_it_is_brought_back(breaker, clock):
    breaker.force_open("maintenance")
    clock.now += 1_000_000

    assert breaker.admit() is None
    assert (breaker.state, breaker.reason, breaker.shut_until) == ("open", "maintenance", None)
    breaker.release()
    assert breaker.state == "closed"


def test_bringing_it_back_does_not_heal_it(breaker, clock):
    opened(breaker)

    breaker.force_open("maintenance")
    breaker.release()

    assert (breaker.state, breaker.shut_until) == ("open", clock.now + 15)


def test_who_insists_is_let_through_and_an_answer_closes_it(breaker):
    opened(breaker)

    breaker.insist().succeeded()

    assert breaker.state == "closed"


def test_those_who_insist_do_not_keep_it_open(breaker, clock):
    opened(breaker)
    until = breaker.shut_until

    for _ in range(20):
        breaker.insist().failed(connection=True)

    assert (breaker.state, breaker.shut_until) == ("open", until)


def test_who_insists_when_it_is_half_open_is_its_probe(breaker, clock):
    opened(breaker)
    clock.now += 15

    breaker.insist()

    assert breaker.admit() is None


def test_a_clock_that_jumps_back_does_not_prolong_a_wait(breaker, clock):
    opened(breaker)
    clock.now += 5
    assert breaker.admit() is None
    clock.now -= 900

    assert breaker.shut_until == clock.now + 10
    clock.now += 10
    assert breaker.admit() is not None


def test_its_memory_does_not_grow(breaker, clock):
    for _ in range(10_000):
        admitted(breaker).succeeded()
        clock.now += 0.5

    assert all(len(numbers) == 10 for numbers in vars(breaker._window).values() if isinstance(numbers, list))


RULES = BreakerRules(
    window_seconds=10,
    min_requests=4,
    failure_rate=0.5,
    connection_errors=3,
    open_seconds=5,
    growth=2,
    max_open_seconds=15,
    probe_seconds=7,
    max_cool_down_seconds=50,
)


OUTCOMES = st.sampled_from(["succeeded", "failed", "no connection", "neutral"])


class Asked:
    """A permit, and what the model knows of it."""

    def __init__(self, permit: Permit, at: float, openings: int, is_probe: bool) -> None:
        self.permit = permit
        self.at = at
        self.openings = openings
        self.is_probe = is_probe
        self.is_spent = False


class BreakerMachine(RuleBasedStateMachine):
    """The breaker beside a model that remembers everything, while requests begin and end in any order."""

    permits = Bundle("permits")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock, RULES)
        self.now = 0
        self.asked: list[Asked] = []
        self.outcomes: list[tuple[int, str]] = []
        self.openings: list[int] = []
        """When each one ended, or will."""
        self.is_closed = True
        self.closed_since = -100
        self.waited = 0
        self.cool_until = 0
        self.held = False

    # What the model says.

    @property
    def probes(self) -> list[Asked]:
        mine = [each for each in self.asked if each.is_probe and each.openings == len(self.openings)]
        return [] if self.is_closed else [each for each in mine if not each.is_spent and each.at > self.now - 7]

    @property
    def open_until(self) -> int:
        return 0 if self.is_closed else self.openings[-1]

    @property
    def lets_through(self) -> bool:
        return not self.held and max(self.open_until, self.cool_until) <= self.now and not self.probes

    @property
    def state(self) -> str:
        if self.held or self.open_until > self.now:
            return "open"
        if self.cool_until > self.now:
            return "cooling"
        return "closed" if self.is_closed else "half-open"

    def opens(self) -> None:
        was_healthy = self.is_closed and self.now - self.closed_since >= 10
        self.waited = 5 if was_healthy else min(2 * self.waited, 15)
        # A wait that is set is never shortened.
        assert self.now + self.waited >= max(self.openings, default=0)
        self.openings.append(self.now + self.waited)
        self.is_closed = False

    def counts(self, outcome: str) -> None:
        self.outcomes.append((self.now, outcome))
        if outcome == "succeeded":
            return
        lately = [outcome for at, outcome in self.outcomes if at > self.now - 10]
        failures = sum(outcome != "succeeded" for outcome in lately)
        in_a_row = [outcome for _, outcome in self.outcomes[-3:]] == ["no connection"] * 3
        if in_a_row or (len(lately) >= 4 and failures / len(lately) >= 0.5):
            self.opens()

    def seen(self) -> tuple[object, ...]:
        return self.breaker.state, self.breaker.shut_until, self.breaker.reason

    # What happens.

    @rule(target=permits)
    def someone_asks(self):
        expected = self.lets_through

        permit = self.breaker.admit()

        assert (permit is not None) == expected
        return multiple() if permit is None else self.known(permit, is_probe=not self.is_closed)

    @rule(target=permits)
    def someone_insists(self):
        is_probe = self.lets_through and not self.is_closed

        return self.known(self.breaker.insist(), is_probe=is_probe)

    def known(self, permit: Permit, is_probe: bool) -> Asked:
        asked = Asked(permit, self.now, len(self.openings), is_probe)
        self.asked.append(asked)
        return asked

    @rule(asked=permits, outcome=OUTCOMES)
    def one_ends(self, asked, outcome):
        before = self.seen()
        is_old = asked.openings < len(self.openings)
        was_spent, asked.is_spent = asked.is_spent, True

        {
            "succeeded": asked.permit.succeeded,
            "failed": asked.permit.failed,
            "no connection": lambda: asked.permit.failed(connection=True),
            "neutral": asked.permit.neutral,
        }[outcome]()

        if was_spent or is_old:
            assert self.seen() == before
        elif outcome == "neutral":
            assert self.breaker.state == before[0]
        elif self.is_closed:
            self.counts(outcome)
        elif outcome == "succeeded":
            self.is_closed, self.closed_since, self.outcomes = True, self.now, []
        elif self.open_until <= self.now:
            self.opens()

    @rule(seconds=st.sampled_from([1, 2, 5, 7, 9, 10, 15]))
    def time_passes(self, seconds):
        self.now += seconds
        self.clock.now += seconds

    @rule(outcomes=st.lists(OUTCOMES, min_size=2, max_size=5))
    def several_ask_and_are_answered_at_once(self, outcomes):
        for outcome in outcomes:
            asked = self.someone_asks()
            if isinstance(asked, Asked):
                self.one_ends(asked, outcome)
            assert self.breaker.state == self.state

    @rule(late=st.sampled_from([0, 0, 1, 20]))
    def as_long_passes_as_it_is_shut(self, late):
        until = max(self.open_until, self.cool_until, self.now)
        self.time_passes(until - self.now + late)

    @rule(seconds=st.integers(1, 1000))
    def the_clock_jumps_back(self, seconds):
        before = self.breaker.state

        self.clock.now -= seconds

        assert self.breaker.state == before

    @rule(seconds=st.one_of(st.integers(-5, 60), st.sampled_from([math.nan, math.inf, -math.inf, 86_400])))
    def the_provider_wants_us_to_wait(self, seconds):
        self.breaker.cool_down(seconds)

        if seconds > 0:
            self.cool_until = max(self.cool_until, self.now + min(seconds, 50))

    @rule(seconds=st.integers(0, 9))
    def the_owner_takes_it_out_and_brings_it_back(self, seconds):
        self.breaker.force_open("out")
        self.held = True
        self.time_passes(seconds)
        self.someone_asks()
        self.it_is_in_the_state_of_the_model()
        self.it_says_until_when_it_is_shut()
        self.breaker.release()
        self.held = False

    @invariant()
    def it_is_in_the_state_of_the_model(self):
        assert self.breaker.state == self.state

    @invariant()
    def it_says_until_when_it_is_shut(self):
        probed_until = [each.at + 7 for each in self.probes]
        until = max(self.open_until, self.cool_until, *probed_until, 0)

        expected = None if self.held or until <= self.now else self.clock.now + until - self.now
        assert self.breaker.shut_until == expected

    @invariant()
    def there_is_a_reason_unless_it_is_closed(self):
        assert bool(self.breaker.reason) == (self.breaker.state != "closed")

    @invariant()
    def there_is_one_probe_at_most(self):
        assert len(self.probes) <= 1


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
