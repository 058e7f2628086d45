"""Several keys of one provider: which is used next, and what is remembered of those that failed."""

import asyncio

import pytest

from utils.errors import KeyMissing, KeyRefused, Overloaded, QuotaExhausted, RateLimited
from utils.keys import KeyPool, Keyring, KeyState

SECRETS = {"A_KEY": "a", "B_KEY": "b", "C_KEY": "c"}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def environ(places):
    return {**places, **SECRETS}


@pytest.fixture
def pool(clock, environ):
    return KeyPool("cloud", list(SECRETS), Keyring(environ), clock)


class Provider:
    """Accepts every key but those that it was told to fail with."""

    def __init__(self, **failures):
        self.failures = failures
        self.asked = []

    async def __call__(self, key):
        self.asked.append(key.secret)
        if failure := self.failures.get(key.secret):
            raise failure
        return f"answer for {key.secret}"


async def test_a_key_that_works_is_used_again_and_again(pool):
    provider = Provider()

    answers = [await pool.first_accepted(provider) for _ in range(3)]

    assert answers == ["answer for a"] * 3
    assert pool.state() == (KeyState("A_KEY"), KeyState("B_KEY"), KeyState("C_KEY"))


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (RateLimited(), 20),
        (RateLimited(retry_after=7), 7),
        (QuotaExhausted(), 3600),
        (KeyRefused(), 600),
        (KeyRefused(retry_after=5), 5),
    ],
)
async def test_a_failure_of_the_key_lets_the_next_one_answer_and_is_remembered(pool, clock, failure, seconds):
    provider = Provider(a=failure)

    first = await pool.first_accepted(provider)
    second = await pool.first_accepted(provider)

    assert (first, second) == ("answer for b", "answer for b")
    assert provider.asked == ["a", "b", "b"]
    assert pool.state()[0] == KeyState("A_KEY", type(failure).__name__, clock.now + seconds)


async def test_a_spared_key_is_tried_again_when_its_time_is_over_and_no_other_is_without_trouble(pool, clock):
    provider = Provider(a=RateLimited(), b=RateLimited(retry_after=500), c=RateLimited(retry_after=500))
    with pytest.raises(RateLimited):
        await pool.first_accepted(provider)
    provider.asked.clear()
    del provider.failures["a"]
    clock.now += 21

    answer = await pool.first_accepted(provider)

    assert (answer, provider.asked) == ("answer for a", ["a"])
    assert pool.state()[0] == KeyState("A_KEY")


async def test_of_spared_keys_the_one_whose_trouble_is_longest_ago_is_asked_first(pool, clock):
    for secret in ("b", "a", "c"):
        others = {other: RateLimited(retry_after=900) for other in "abc" if other == secret}
        clock.now += 1
        pool._remember(next(key for key in pool._found() if key.secret == secret), others[secret])
    provider = Provider(a=RateLimited(), b=RateLimited(), c=RateLimited())

    with pytest.raises(RateLimited):
        await pool.first_accepted(provider)

    assert provider.asked == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ({"a": KeyRefused("a"), "b": QuotaExhausted("b"), "c": RateLimited("c")}, "c"),
        ({"a": KeyRefused("a"), "b": QuotaExhausted("b"), "c": KeyRefused("c")}, "b"),
        ({"a": RateLimited("a", retry_after=9), "b": RateLimited("b", retry_after=3), "c": RateLimited("c")}, "b"),
        ({"a": KeyRefused("a"), "b": KeyRefused("b"), "c": KeyRefused("c")}, "a"),
    ],
)
async def test_when_all_fail_the_most_telling_failure_is_raised_and_each_was_asked_once(pool, failures, told):
    provider = Provider(**failures)

    with pytest.raises((KeyRefused, QuotaExhausted, RateLimited)) as caught:
        await pool.first_accepted(provider)

    assert str(caught.value) == told
    assert provider.asked == ["a", "b", "c"]


async def test_another_failure_is_not_the_keys_fault(pool):
    provider = Provider(a=Overloaded("busy"))

    with pytest.raises(Overloaded):
        await pool.first_accepted(provider)

    assert provider.asked == ["a"]
    assert pool.state()[0] == KeyState("A_KEY")


async def test_the_key_that_is_named_is_the_only_one_that_is_asked(pool):
    provider = Provider(b=RateLimited("b"))

    with pytest.raises(RateLimited, match="b"):
        await pool.first_accepted(provider, only="B_KEY")

    assert provider.asked == ["b"]


async def test_the_names_of_the_keys_stand_in_the_order_of_their_use(pool):
    before = pool.labels()
    with pytest.raises(RateLimited):
        await pool.first_accepted(Provider(a=RateLimited("a")), only="A_KEY")

    assert before[0] == "A_KEY"
    assert pool.labels() == (*before[1:], "A_KEY")


async def test_a_key_that_has_taken_the_place_of_a_refused_one_begins_anew(pool, environ):
    provider = Provider(a=KeyRefused())
    await pool.first_accepted(provider)

    environ["A_KEY"] = "new"

    assert await pool.first_accepted(provider) == "answer for new"


async def test_a_key_that_cannot_be_sent_counts_as_refused_and_is_not_shown(pool, environ, clock):
    environ["A_KEY"] = "canary”"
    provider = Provider()

    answer = await pool.first_accepted(provider)

    assert (answer, provider.asked) == ("answer for b", ["b"])
    assert pool.state()[0] == KeyState("A_KEY", "KeyRefused", clock.now + 600)
    assert "canary" not in repr(pool.state())


async def test_a_malformed_key_counts_as_refused(places):
    pool = KeyPool("cloud", ["A_KEY"], Keyring({**places, "A_KEY": "{canary"}))

    assert pool.why_not_ready() == "A_KEY begins with a brace, but is no JSON object of texts"
    with pytest.raises(KeyRefused, match="A_KEY begins with a brace") as caught:
        await pool.first_accepted(Provider())
    assert "canary" not in str(caught.value)


async def test_the_same_key_under_two_names_is_asked_once_in_the_order_of_the_entry(pool, environ):
    environ["C_KEY"] = "a"
    provider = Provider(a=KeyRefused(), b=KeyRefused())

    with pytest.raises(KeyRefused):
        await pool.first_accepted(provider)

    assert provider.asked == ["a", "b"]


async def test_a_name_that_stands_twice_in_the_entry_is_one_key(environ, clock):
    pool = KeyPool("cloud", ["A_KEY", "A_KEY"], Keyring(environ), clock)

    assert pool.state() == (KeyState("A_KEY"),)


async def test_missing_keys_are_left_out_and_shown_as_missing(environ, clock):
    del environ["A_KEY"]
    pool = KeyPool("cloud", ["A_KEY", "B_KEY"], Keyring(environ), clock)

    assert await pool.first_accepted(Provider()) == "answer for b"
    assert pool.state() == (KeyState("A_KEY", "KeyMissing"), KeyState("B_KEY"))


async def test_no_key_at_all_is_missing_by_all_names(places):
    pool = KeyPool("cloud", ["A_KEY", "B_KEY"], Keyring(places))

    assert pool.why_not_ready() == "A_KEY or B_KEY is not set"
    with pytest.raises(KeyMissing, match="A_KEY or B_KEY is not set"):
        await pool.first_accepted(Provider())


async def test_a_store_that_cannot_be_read_is_told_instead_of_a_missing_key(places, store, file):
    store.set("A_KEY", "a")
    file.write_text("torn")
    pool = KeyPool("cloud", ["A_KEY"], Keyring(places))

    assert "keys.json is damaged" in str(pool.why_not_ready())
    with pytest.raises(KeyMissing, match=r"keys\.json is damaged"):
        await pool.first_accepted(Provider())


async def test_without_names_there_is_one_empty_key_of_which_nothing_is_remembered(places):
    pool = KeyPool("local", [], Keyring(places))

    with pytest.raises(RateLimited):
        await pool.first_accepted(Provider(**{"": RateLimited()}))

    assert pool.state() == ()
    assert pool.why_not_ready() is None


async def test_a_single_key_that_is_over_its_limit_is_asked_all_the_same(environ, clock):
    pool = KeyPool("cloud", ["A_KEY"], Keyring(environ), clock)
    provider = Provider(a=RateLimited(retry_after=60))
    for _ in range(2):
        with pytest.raises(RateLimited):
            await pool.first_accepted(provider)

    assert provider.asked == ["a", "a"]


async def test_many_at_once_each_find_a_key_that_works(pool):
    refused = asyncio.Event()

    async def ask(key):
        if key.secret != "c":
            await refused.wait()
            raise KeyRefused
        return key.secret

    waiting = [asyncio.create_task(pool.first_accepted(ask)) for _ in range(50)]
    refused.set()

    assert await asyncio.gather(*waiting) == ["c"] * 50
    assert [state.troubled for state in pool.state()] == ["KeyRefused", "KeyRefused", None]
    assert len(pool._troubles) == 2


async def test_who_gives_up_waiting_leaves_no_trouble_behind(pool):
    started = asyncio.Event()

    async def never(key):
        started.set()
        await asyncio.Event().wait()

    waiting = asyncio.create_task(pool.first_accepted(never))
    await started.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert [state.troubled for state in pool.state()] == [None, None, None]


def test_the_next_key_is_known_without_asking(pool):
    assert pool.first().label == "A_KEY"
