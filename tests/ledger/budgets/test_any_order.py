"""Whatever comes in whatever order: no more is spent than the budget and one reservation."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.ledger.budgets.money import NOON, hold, share
from tests.virtual_time import run
from utils.ledger.budgets import Amount, InMemory
from utils.ledger.budgets.purse import Hold, Period

LIMIT = 100


def at_once(step):
    """The result of a step that waits for nothing, without a loop."""
    with pytest.raises(StopIteration) as ended:
        step.send(None)
    return ended.value.value


class Spending(RuleBasedStateMachine):
    """Answers begin, end, and die."""

    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self.store = InMemory()
        self.now = NOON
        self.spent = 0
        self.reserved: dict[str, Hold] = {}

    @rule(target=under_way, tokens=st.integers(1, 150), seconds=st.integers(1, 100))
    def begin(self, tokens, seconds):
        begun = hold(share(tokens, limit=LIMIT), until=self.now + seconds)

        refusal = at_once(self.store.reserve(begun, self.now))

        living = [each for each in self.reserved.values() if each.until >= self.now]
        held = sum(each.shares[0].amount.tokens for each in living)
        if refusal is None:
            assert self.spent < LIMIT
            assert not living or self.spent + held + tokens <= LIMIT
            self.reserved[begun.id] = begun
        else:
            assert refusal.is_spent == (self.spent >= LIMIT)
            assert self.spent >= LIMIT or (living and self.spent + held + tokens > LIMIT)
        return begun

    @rule(begun=consumes(under_way), part=st.floats(0, 1))
    def end(self, begun, part):
        if self.reserved.pop(begun.id, None) is None:
            return
        used = int(begun.shares[0].amount.tokens * part)

        at_once(self.store.settle(begun, [Amount(0, used)]))

        self.spent += used

    @rule(seconds=st.integers(1, 200))
    def wait(self, seconds):
        self.now += seconds

    @invariant()
    def what_is_spent_is_what_was_settled(self):
        states = at_once(self.store.states(NOON))
        assert sum(state.spent.tokens for state in states) == self.spent

    @invariant()
    def the_dead_hold_no_more_than_they_took(self):
        held = sum(each.shares[0].amount.tokens for each in self.reserved.values())
        assert 0 <= sum(state.reserved.tokens for state in at_once(self.store.states(NOON))) <= held


TestSpending = Spending.TestCase
TestSpending.settings = settings(max_examples=40)


@given(
    answers=st.lists(st.tuples(st.integers(1, 80), st.floats(0, 1), st.integers(0, 50), st.integers(0, 5)), max_size=40)
)
def test_the_sum_never_exceeds_the_budget_and_one_reservation(answers):
    async def everybody() -> tuple[int, int]:
        store, most = InMemory(), 0

        async def answer(tokens: int, part: float, after: int, seconds: int) -> None:
            nonlocal most
            await asyncio.sleep(after)
            begun = hold(share(tokens, limit=LIMIT))
            if await store.reserve(begun, NOON) is None:
                await asyncio.sleep(seconds)
                await store.settle(begun, [Amount(0, int(tokens * part))])
            [state] = await store.states(NOON)
            most = max(most, state.spent.tokens + state.reserved.tokens)

        await asyncio.gather(*(answer(*each) for each in answers))
        states = await store.states(NOON)
        return most, sum(state.reserved.tokens for state in states)

    most, left = run(everybody())

    assert most <= LIMIT + max((tokens for tokens, *_ in answers), default=0)
    assert left == 0


@given(moment=st.floats(0, 4_000_000_000), per=st.sampled_from(["day", "month"]))
def test_every_moment_is_in_one_period_and_the_next_one_begins_where_it_ends(moment, per):
    period = Period.at(moment, per)
    following = Period.at(period.ends, per)

    assert moment < period.ends
    assert Period.at(period.ends - 1, per) == period
    assert following.name > period.name
    assert following.next_begins > period.next_begins
