"""How often one person may ask one bot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.errors import BotErrorNoRetry
from utils.routing.rate_limit import Rate, RateLimit, RateLimiter, TooManyQuestions


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(text: str, clock: Clock, **options) -> RateLimiter:
    return RateLimiter(RateLimit.parse(text), clock, **options)


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("20/minute", [(20, 60)]),
        ("5 per hour", [(5, 3600)]),
        ("100/day", [(100, 86_400)]),
        ("3/second", [(3, 1)]),
        (" 20 / Minutes ", [(20, 60)]),
        ("10 per 30 seconds", [(10, 30)]),
        ("1/2hours", [(1, 7200)]),
        ("20/minute; 200/day", [(20, 60), (200, 86_400)]),
    ],
)
def test_a_limit_is_written_as_one_says_it(text, rates):
    assert RateLimit.parse(text) == RateLimit(tuple(Rate(*rate) for rate in rates))


@pytest.mark.parametrize(
    "text", ["", "20", "minute", "20/minit", "-1/minute", "1.5/minute", "20/minute;", "20 perhour", "20/minute 5/hour"]
)
def test_what_is_no_limit_is_said_with_how_to_write_one(text):
    with pytest.raises(ValueError) as raised:
        RateLimit.parse(text)

    assert str(raised.value) == (
        f"`{text}` is no rate limit: write how many questions in which time, such as `20/minute`, `5 per hour`"
        " or `20/minute; 200/day` (second, minute, hour or day)"
    )


@pytest.mark.parametrize("text", ["0/minute", "20/0 minutes", "20/minute; 0/day"])
def test_a_limit_that_lets_nobody_ask_is_a_mistake(text):
    with pytest.raises(ValueError, match="lets nobody ask anything"):
        RateLimit.parse(text)


def test_whoever_asks_too_often_is_told_how_long_to_wait(clock):
    bot = limiter("2/minute", clock)
    assert bot.check("ann") is None
    clock.now += 10
    assert bot.check("ann") is None
    clock.now += 10

    assert bot.check("ann") == 40
    clock.now += 40
    assert bot.check("ann") is None


def test_a_refused_question_is_not_counted(clock):
    bot = limiter("1/minute", clock)
    bot.check("ann")

    for _ in range(59):
        clock.now += 1
        assert bot.check("ann") is not None

    clock.now += 1
    assert bot.check("ann") is None


def test_everyone_has_an_allowance_of_their_own(clock):
    bot = limiter("1/minute", clock)

    assert [bot.check(who) for who in ["ann", "bob", "ann"]] == [None, None, 60]


def test_those_without_a_name_share_one(clock):
    bot = limiter("1/minute", clock)

    assert [bot.check(who) for who in ["", ""]] == [None, 60]


def test_the_strictest_of_several_limits_holds(clock):
    bot = limiter("2/minute; 3/day", clock)

    assert [bot.check("ann") for _ in range(3)] == [None, None, 60]
    clock.now += 60
    assert [bot.check("ann") for _ in range(2)] == [None, 86_400 - 60]


def test_a_part_of_a_second_is_worth_waiting_for(clock):
    bot = limiter("1/second", clock)
    bot.check("ann")
    clock.now += 0.75

    assert bot.check("ann") == 0.25


def test_a_clock_that_jumps_back_locks_nobody_out(clock):
    bot = limiter("1/day", clock)
    bot.check("ann")

    clock.now -= 900

    assert bot.check("ann") is None
    assert bot.check("ann") == 86_400


def test_whoever_has_not_asked_for_long_is_forgotten(clock):
    bot = limiter("5/minute; 20/hour", clock)
    for number in range(1000):
        bot.check(f"person {number}")
    clock.now += 3600

    bot.check("ann")

    assert len(bot) == 1


def test_it_remembers_so_many_people_and_no_more(clock):
    bot = limiter("1/day", clock, max_people=3)
    for who in ["ann", "bob", "cid", "dee"]:
        bot.check(who)

    assert len(bot) == 3
    assert [bot.check(who) is None for who in ["bob", "dee", "ann"]] == [False, False, True]


def test_whoever_has_not_asked_for_longest_is_forgotten_first(clock):
    bot = limiter("2/hour", clock, max_people=2)
    for who in ["ann", "bob", "ann", "cid"]:
        clock.now += 1
        bot.check(who)

    assert [bot.check(who) is None for who in ["ann", "bob", "bob"]] == [False, True, True]


def test_it_remembers_no_more_questions_than_it_has_to_count(clock):
    bot = limiter("3/second", clock)
    for _ in range(100):
        bot.check("ann")
        clock.now += 0.9

    assert len(bot._asked["ann"]) <= 3


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 20)), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from("ab")), max_size=60),
)
def test_it_lets_through_exactly_what_every_moving_window_has_room_for(rates, questions):
    clock = Clock()
    bot = RateLimiter(RateLimit(tuple(Rate(*rate) for rate in rates)), clock)
    counted: list[tuple[str, float]] = []

    def has_room(who: str, at: float) -> bool:
        return all(
            sum(name == who and when > at - seconds for name, when in counted) < allowed for allowed, seconds in rates
        )

    for pause, who in questions:
        clock.now += pause
        wait = bot.check(who)

        assert (wait is None) == has_room(who, clock.now)
        if wait is None:
            counted.append((who, clock.now))
        else:
            assert has_room(who, clock.now + wait)
            assert not has_room(who, clock.now + wait - 1)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 s"),
        (39.1, "40 s"),
        (89, "89 s"),
        (91, "2 min"),
        (3600, "60 min"),
        (5401, "2 h"),
        (86_400, "24 h"),
        (200_000, "3 d"),
    ],
)
def test_the_person_is_told_when_to_come_back(seconds, said):
    error = TooManyQuestions(seconds)

    assert str(error) == f"You have asked a lot in a short time. Please wait {said}."
    assert isinstance(error, BotErrorNoRetry)


def test_the_wait_is_a_whole_number_of_seconds_for_whoever_words_it_anew():
    assert TooManyQuestions(39.1).wait_seconds == 40
